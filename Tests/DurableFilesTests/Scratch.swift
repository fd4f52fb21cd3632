import DurableFiles
import Glibc
import Testing

/// A directory of its own for each test, removed afterwards.
enum Scratch {
  @TaskLocal static var path = ""

  static func directory() throws -> Directory { try Directory.open(path) }
}

struct ScratchTrait: SuiteTrait, TestTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    guard testCase != nil else { return try await function() }
    var template = Array("/tmp/durable-XXXXXX".utf8CString)
    let made = try #require(mkdtemp(&template))
    let path = String(cString: made)
    defer { remove(path) }
    try await Scratch.$path.withValue(path) { try await function() }
  }

  private func remove(_ path: String) {
    // Left by a test that failed in the middle; else there is none.
    umount2("\(path)/mounted", Int32(MNT_DETACH))
    let name = String(path.dropFirst("/tmp/".count))
    #expect(throws: Never.self) { try Directory.open("/tmp").removeTree(name) }
  }
}

extension Trait where Self == ScratchTrait {
  static var scratch: Self { ScratchTrait() }
}

/// The error number that a call fails with, nil when it succeeds.
func failure<Answer>(of call: () throws -> Answer) -> Int32? {
  do {
    _ = try call()
    return nil
  } catch let error as FileError {
    return error.errno
  } catch {
    Issue.record(error)
    return nil
  }
}

/// Writes a small file the way the store does.
func put(_ name: String, _ bytes: [UInt8] = [], in directory: Directory) throws {
  let file = try directory.createFile()
  try bytes.withUnsafeBytes { try file.write($0) }
  try file.sync()
  try #require(try file.link(as: name, in: directory))
  try directory.sync()
}

func names(_ directory: Directory) throws -> [String] { try directory.entries().map(\.name) }
