import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

/// A child process that says when it has begun and goes on when it is told to: events instead of sleeps.
struct HeldCommand {
  private let begun: String
  private let goOn: String
  /// A shell command that stops in the middle.
  let command: HookCommand

  init(_ scratch: Scratch, exit code: Int = 0) throws {
    begun = scratch("begun")
    goOn = scratch("go-on")
    try #require(mkfifo(begun, 0o600) == 0 && mkfifo(goOn, 0o600) == 0)
    let script = "echo begun > '\(begun)'; read word < '\(goOn)'; echo went on; exit \(code)"
    command = HookCommand(arguments: ["/bin/sh", "-c", script], timeoutMilliseconds: 120_000)
  }

  /// Returns when the command runs and waits.
  func waitUntilItRuns() throws { try transfer(begun, O_RDONLY) }

  func letItGoOn() throws { try transfer(goOn, O_WRONLY) }

  private func transfer(_ path: String, _ mode: Int32) throws {
    let file = open(path, mode | O_CLOEXEC)
    try #require(file >= 0)
    defer { close(file) }
    var bytes = [UInt8]("go\n".utf8) + [0, 0, 0]
    if mode == O_RDONLY {
      try #require(read(file, &bytes, 6) > 0)
    } else {
      try #require(write(file, bytes, 3) == 3)
    }
  }
}

/// A process of the system that is talked to line by line, and ends with this object.
final class Talk {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()

  init(_ program: String, _ arguments: [String]) throws {
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    // The pool's threads block every signal, and a child would inherit that.
    var none = sigset_t()
    var before = sigset_t()
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try process.run()
  }

  deinit {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Waits until it has ended by itself.
  func finish() throws { process.waitUntilExit() }

  func say(_ line: String) throws { try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8)) }

  /// Waits for one line.
  func hear() throws -> String {
    var line: [UInt8] = []
    while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != 10 {
      line.append(byte)
    }
    return String(decoding: line, as: UTF8.self)
  }
}
