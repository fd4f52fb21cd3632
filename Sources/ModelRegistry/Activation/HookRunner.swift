import CLinux
import Glibc
import RegistryModel

/// Runs an operator's command as a child process: bounded in time and output, never under a lock.
///
/// The child leads a session of its own, out of reach of our terminal, and is killed with its group when it outlives
/// its time. Of our environment it gets only what a program needs to run, and nothing that a caller keeps there.
struct HookRunner {
  static let outputBytes = 4096

  enum Outcome: Hashable {
    case passed
    /// It ran and said no; the text is the end of what it printed.
    case failed(String)
    case timedOut
    /// It could not be started.
    case unstartable(String)

    /// Whether the command spoke: only then is a model to blame.
    var isVerdict: Bool {
      switch self {
      case .failed, .timedOut: true
      case .passed, .unstartable: false
      }
    }

    /// Why this isn't a pass; nil when it is.
    func problem(_ command: HookCommand) -> String? {
      let name = command.arguments.first ?? "the command"
      switch self {
      case .passed: return nil
      case .failed(let text): return text.isEmpty ? "\(name) failed without a word" : text
      case .timedOut:
        return "\(name) took longer than \(DurationText(milliseconds: command.timeoutMilliseconds))"
      case .unstartable(let text): return "\(name) can't be started: \(text)"
      }
    }
  }

  /// Runs the command with `environment` added to our own.
  func run(_ command: HookCommand, environment: [String: String] = [:]) -> Outcome {
    guard !command.arguments.isEmpty else { return .unstartable("the command is empty") }
    var pipe: [Int32] = [-1, -1]
    guard clinux_pipe(&pipe) == 0 else { return .unstartable(String(cString: strerror(errno))) }
    defer { close(pipe[0]) }
    let child: pid_t
    do {
      defer { close(pipe[1]) }
      var started: pid_t = 0
      let code = spawn(command, environment, output: pipe[1], &started)
      guard code == 0 else { return .unstartable(String(cString: strerror(code))) }
      child = started
    }
    return watch(child, command, output: pipe[0])
  }

  private func spawn(
    _ command: HookCommand, _ environment: [String: String], output: Int32, _ child: inout pid_t
  ) -> Int32 {
    ChildProcess.spawn(
      command.arguments, ChildProcess.inherited(Self.inheritedNames.contains, adding: environment),
      output: output, error: output, &child)
  }

  private static let inheritedNames: Set = [
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "MODELCTL_ROOT", "MODELCTL_CONFIG",
  ]

  /// Reads the child's output until it ends or its time is up.
  private func watch(_ child: pid_t, _ command: HookCommand, output: Int32) -> Outcome {
    let end = Self.uptime() + command.timeoutMilliseconds
    var tail: [UInt8] = []
    var status: Int32 = 0
    while true {
      Self.drain(output, into: &tail)
      let ended = waitpid(child, &status, WNOHANG)
      if ended == child { break }
      if ended < 0, errno == ECHILD { return .unstartable("its end can't be seen, as SIGCHLD is ignored") }
      let left = end - Self.uptime()
      guard left > 0 else {
        kill(-child, SIGKILL)
        waitpid(child, &status, 0)
        return .timedOut
      }
      var poller = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      poll(&poller, 1, Int32(min(left, 10)))
    }
    Self.drain(output, into: &tail)
    kill(-child, SIGKILL)  // what it left running in its group
    guard status != 0 else { return .passed }
    let text = String(decoding: tail, as: UTF8.self).split(separator: "\n").suffix(3).joined(separator: " / ")
    return .failed(text)
  }

  private static func drain(_ descriptor: Int32, into tail: inout [UInt8]) {
    var buffer = [UInt8](repeating: 0, count: 16 * outputBytes)
    for _ in 0..<64 {  // then the clock is looked at, as there may be no end
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return }
      tail = Array((tail + buffer[..<count]).suffix(outputBytes))
    }
  }

  private static func uptime() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
