import Foundation
import Glibc
import Testing

/// Ways in which files go bad.
enum Breaking: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case flippedByte, truncated, zeroFilled, emptied, longer, removed

  var testDescription: String { rawValue }

  /// Breaks the file in place: its inode, mode and, where the kind allows, its size stay.
  func apply(_ path: String) throws {
    if self == .removed { return try #require(unlink(path) == 0) }
    let size = try fileSize(path)
    let file = open(path, O_RDWR | O_CLOEXEC)
    try #require(file >= 0, "root may write to a file of mode 0444; run the tests as root or its owner")
    defer { close(file) }
    switch self {
    case .flippedByte:
      var byte: UInt8 = 0
      // Off the three samples that publish takes of large files.
      let offset = size > 40_000 ? 20_000 : size / 2
      try #require(pread(file, &byte, 1, offset) == 1)
      byte ^= 1
      try #require(pwrite(file, &byte, 1, offset) == 1)
    case .truncated: try #require(ftruncate(file, size / 2) == 0)
    case .emptied: try #require(ftruncate(file, 0) == 0)
    case .zeroFilled:
      try #require(ftruncate(file, 0) == 0 && ftruncate(file, size) == 0)
    case .longer: try #require(pwrite(file, "!", 1, size) == 1)
    case .removed: break
    }
  }
}

func fileSize(_ path: String) throws -> Int {
  var status = stat()
  try #require(lstat(path, &status) == 0, "\(path)")
  return Int(status.st_size)
}

/// Makes a file of ours writable for as long as it takes to break it, for testers who are not root.
func breaking(_ path: String, _ how: Breaking) throws {
  chmod(path, 0o644)
  try how.apply(path)
  chmod(path, 0o444)
}

/// Runs a program of the system and returns what it printed.
@discardableResult
func run(_ program: String, _ arguments: String...) throws -> String {
  let process = Process()
  process.executableURL = URL(filePath: program)
  process.arguments = arguments
  let output = Pipe()
  process.standardOutput = output
  process.standardError = output
  try process.run()
  let data = try output.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  let text = String(decoding: data, as: UTF8.self)
  try #require(process.terminationStatus == 0, "\(program) \(arguments): \(text)")
  return text
}

func contents(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
