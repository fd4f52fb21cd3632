import Dispatch
import Foundation
import Glibc
import Testing

/// A program of others that tests run where it is installed.
enum Peer {
  /// The package's folder.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// The Python that has the pinned packages of `tools/bootstrap test`; nil where it isn't there.
  static var python: String? {
    let path = ProcessInfo.processInfo.environment["CLOUD_PEERS"] ?? "\(root)/.build/peers"
    return executable("\(path)/bin/python")
  }

  static var rclone: String? { onPath("rclone") }
  static var gcloud: String? { onPath("gcloud") }

  /// Says loudly that a test did not run.
  static func skip(_ test: String, lacking peer: String) {
    print("\(test) skipped: \(peer) is not installed; tools/bootstrap test installs what it can")
  }

  private static func onPath(_ name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    for folder in path.split(separator: ":") {
      if let found = executable("\(folder)/\(name)") { return found }
    }
    return nil
  }

  private static func executable(_ path: String) -> String? {
    FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }
}

/// What a program said and how it ended.
struct PeerRun {
  let status: Int32
  let output: String
}

extension Peer {
  /// Runs a program with its two outputs in one, and ends it when its time is up.
  static func run(
    _ program: String, _ arguments: [String], in folder: String, _ environment: [String: String] = [:],
    limitSeconds: Double = 120
  ) async throws -> PeerRun {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    // No proxy and no settings of the person that runs the tests.
    process.environment = environment.merging([
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "HOME": folder, "NO_PROXY": "*",
      "LC_ALL": "C.UTF-8",
    ]) { own, _ in own }
    let log = "\(folder)/output-\(UUID())"
    try Data().write(to: URL(filePath: log))
    let output = try #require(FileHandle(forWritingAtPath: log))
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    let limit = DispatchWorkItem { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
    DispatchQueue.global().asyncAfter(deadline: .now() + limitSeconds, execute: limit)
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in done.resume() }
      do { try process.run() } catch {
        process.terminationHandler = nil
        done.resume(throwing: error)
      }
    }
    limit.cancel()
    let bytes = FileManager.default.contents(atPath: log) ?? Data()
    return PeerRun(status: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self))
  }
}
