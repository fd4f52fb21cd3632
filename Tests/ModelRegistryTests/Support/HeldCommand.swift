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

/// A process of the system that is talked to line by line, and ends with this object, its children included.
final class Talk {
  private let child: pid_t
  private let ours: Int32

  init(_ program: String, _ arguments: [String]) throws {
    var ends: [Int32] = [-1, -1]
    let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue
    try #require(socketpair(AF_UNIX, Int32(kind), 0, &ends) == 0)
    defer { close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    // A group of its own, and none of the signals blocked that the pool's threads block.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var started: pid_t = 0
    try #require(posix_spawn(&started, program, &actions, &attributes, &words, environ) == 0)
    (child, ours) = (started, ends[0])
  }

  deinit {
    kill(-child, SIGKILL)
    var status: Int32 = 0
    waitpid(child, &status, 0)
    close(ours)
  }

  /// Waits until it has ended by itself.
  func finish() {
    var information = siginfo_t()
    waitid(P_PID, id_t(child), &information, WEXITED | WNOWAIT)
  }

  func say(_ line: String) throws {
    try #require(write(ours, "\(line)\n", line.utf8.count + 1) == line.utf8.count + 1)
  }

  /// Waits for one line.
  func hear() throws -> String {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while read(ours, &byte, 1) == 1, byte != 10 { line.append(byte) }
    return String(decoding: line, as: UTF8.self)
  }
}
