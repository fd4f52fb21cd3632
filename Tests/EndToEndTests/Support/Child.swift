import Glibc
import Testing

/// A process that a test started, with both its streams.
///
/// Everything is bounded: one that doesn't end within ``limitSeconds`` is killed and fails the test.
final class Child {
  static let limitSeconds: Int64 = 120

  let process: pid_t
  private let out: Int32
  private let err: Int32
  private var isReaped = false

  /// Starts a program with exactly this environment and nothing on its input.
  init(_ words: [String], environment: [String: String]) throws {
    out = try Self.nameless()
    err = try Self.nameless()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, out, 1)
    posix_spawn_file_actions_adddup2(&actions, err, 2)
    // The runner may ignore signals that a shell would leave alone.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var standard = sigset_t()
    sigemptyset(&standard)
    posix_spawnattr_setsigmask(&attributes, &standard)
    for number in [SIGINT, SIGTERM, SIGPIPE] { sigaddset(&standard, number) }
    posix_spawnattr_setsigdefault(&attributes, &standard)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var arguments = words.map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (arguments + variables).forEach { free($0) } }
    var started: pid_t = 0
    let code = posix_spawnp(&started, words[0], &actions, &attributes, &arguments, &variables)
    process = started
    try #require(code == 0, "\(words): \(String(cString: strerror(code)))")
  }

  deinit {
    if !isReaped, process > 0 {
      kill(process, SIGKILL)
      waitpid(process, nil, 0)
    }
    close(out)
    close(err)
  }

  /// Whether it has ended; ``wait()`` still tells how.
  var hasEnded: Bool {
    var information = siginfo_t()
    return waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) == 0
      && information.si_signo == SIGCHLD
  }

  func signal(_ number: Int32) { kill(process, number) }

  /// What it has said so far.
  var said: String { Self.text(out) }

  /// Waits for its end, and reads what it said.
  func wait() throws -> Outcome {
    var status: Int32 = 0
    let end = Self.uptime() + Self.limitSeconds * 1000
    while waitpid(process, &status, WNOHANG) == 0 {
      if Self.uptime() > end {
        kill(process, SIGKILL)
        Issue.record("process \(process) did not end within \(Self.limitSeconds) s")
      }
      Glibc.poll(nil, 0, 2)
    }
    isReaped = true
    let signal = status & 0x7f
    return Outcome(
      code: signal == 0 ? status >> 8 & 0xff : 128 + signal, signal: signal == 0 ? nil : signal,
      out: Self.text(out), err: Self.text(err))
  }

  /// A file without a name: unlike a pipe it takes any amount, and nobody has to read meanwhile.
  private static func nameless() throws -> Int32 {
    let path = "/var/tmp/modelregistry-stream-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0)
    unlink(path)
    return descriptor
  }

  private static func text(_ descriptor: Int32) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = pread(descriptor, &buffer, buffer.count, off_t(bytes.count))
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer[..<count]
    }
  }

  private static let start = ContinuousClock.now

  /// Milliseconds since the first call.
  static func uptime() -> Int64 {
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return seconds * 1000 + attoseconds / 1_000_000_000_000_000
  }
}

/// How a process ended, and what it said.
struct Outcome {
  /// As a shell shows it: 128 and the signal's number where one ended it.
  let code: Int32
  let signal: Int32?
  let out: String
  let err: String
}

/// Looks again and again until something holds; fails the test when it never does.
func poll(_ what: String, until holds: () throws -> Bool) throws {
  let end = Child.uptime() + 60_000
  while try !holds() {
    try #require(Child.uptime() < end, "never came true: \(what)")
    Glibc.poll(nil, 0, 2)
  }
}
