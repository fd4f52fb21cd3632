import Foundation
import Testing
import TestSupport

/// What a command asks of the kernel, as strace sees it.
enum Trace {
  static let reason: Comment = "SKIPPED, NOT TESTED: strace is missing, or this machine forbids ptrace"

  static let isPossible: Bool = {
    guard let outcome = try? Program.run(["strace", "-o", "/dev/null", "true"]) else { return false }
    return outcome.code == 0
  }()

  static let flushes = ["fsync", "fdatasync", "sync_file_range", "syncfs", "sync", "msync"]

  /// Runs a command under strace, and returns the lines of the calls that it made.
  static func calls(
    _ filter: String, _ store: CommandStore, _ arguments: [String],
    at location: SourceLocation = #_sourceLocation
  ) throws -> [String] {
    let file = store.scratch("trace-\(UUID().uuidString)")
    let words = ["strace", "-f", "-qq", "-e", "trace=\(filter)", "-o", file, Program.path] + arguments
    let outcome = try Program.run(words, environment: store.environment)
    #expect(outcome.code == 0, "\(arguments): \(outcome.err)", sourceLocation: location)
    return try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  /// How often a command waits for the medium.
  static func flushes(
    _ store: CommandStore, _ arguments: [String], at location: SourceLocation = #_sourceLocation
  ) throws -> Int {
    let calls = try calls(flushes.joined(separator: ","), store, arguments, at: location)
    return calls.filter { line in flushes.contains { line.contains(" \($0)(") } }.count
  }
}
