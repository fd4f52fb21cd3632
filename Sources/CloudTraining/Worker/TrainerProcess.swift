import Glibc
import ModelRegistry
import RegistryModel

/// A trainer as a child process: its output is read line by line, all of it goes to the log, and it is ended with its
/// whole group when it is told to stop, takes too long, or falls silent.
struct TrainerProcess {
  enum Outcome: Hashable {
    case succeeded
    /// It ended by itself with this status.
    case exited(Int32)
    case crashed(signal: Int32)
    /// It was stopped as its worker was told to; the trainer had time to write down where it is.
    case stopped
    /// It was stopped as the job isn't ours any more.
    case abandoned
    case tookTooLong(String)
    case diverged(String)
    case unstartable(String)
  }

  let command: [String]
  let environment: [String: String]
  let folder: String
  let logPath: String
  let policy: WorkerPolicy

  /// What the trainer says, and whether to go on: asked at least ten times a second.
  struct Watch {
    /// Is told which process it is, before anything else.
    var started: (ProcessName) -> Void
    var progress: (TrainerProgress, [String: Double]) -> Void
    var shouldStop: () -> Bool
    var isAbandoned: () -> Bool
  }

  /// Secrets of ours are none of its business.
  private static func isInherited(_ name: String) -> Bool {
    !name.hasPrefix("MODELCTL_") && name != "GOOGLE_APPLICATION_CREDENTIALS"
  }

  func run(_ watch: Watch) -> Outcome {
    let log = open(logPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard log >= 0 else {
      return .unstartable("its log can't be written: \(String(cString: strerror(errno)))")
    }
    defer { close(log) }
    guard let pipe = ChildProcess.pipe() else { return .unstartable(String(cString: strerror(errno))) }
    defer { close(pipe.read) }
    var child: Int32 = 0
    let code = ChildProcess.spawn(
      command, ChildProcess.inherited(Self.isInherited, adding: environment), output: pipe.write, error: log,
      in: folder, &child)
    close(pipe.write)
    guard code == 0 else { return .unstartable(String(cString: strerror(code))) }
    defer { kill(-child, SIGKILL) }  // what it left running in its group
    if let name = ProcessName(child) { watch.started(name) }
    return follow(child, TrainerOutput(descriptor: pipe.read, log: log), watch)
  }

  private func follow(_ child: Int32, _ output: TrainerOutput, _ watch: Watch) -> Outcome {
    let start = Self.uptime()
    var lastWord = start
    var stopping: (outcome: Outcome, since: Int64)?
    func stop(_ outcome: Outcome, _ signal: Int32) {
      guard stopping == nil else { return }
      stopping = (outcome, Self.uptime())
      kill(-child, signal)
    }
    while true {
      let isOpen = output.read { line in
        lastWord = Self.uptime()
        switch line {
        case .progress(let progress, let metrics): watch.progress(progress, metrics)
        case .diverged(let word): stop(.diverged("the trainer's loss is \(word)"), SIGKILL)
        case .other: break
        }
      }
      var status: Int32 = 0
      if waitpid(child, &status, WNOHANG) == child {
        var diverged: Outcome?
        output.readRest { line in
          switch line {
          case .progress(let progress, let metrics): watch.progress(progress, metrics)
          case .diverged(let word): diverged = .diverged("the trainer's loss is \(word)")
          case .other: break
          }
        }
        if let diverged { return diverged }
        return stopping?.outcome ?? Self.outcome(status)
      }
      let now = Self.uptime()
      if watch.isAbandoned() { stop(.abandoned, SIGKILL) }
      if watch.shouldStop() { stop(.stopped, SIGTERM) }
      if let limit = policy.timeLimitMilliseconds, now - start > limit {
        stop(.tookTooLong("the trainer took longer than \(DurationText(milliseconds: limit))"), SIGKILL)
      }
      if let limit = policy.silenceLimitMilliseconds, now - lastWord > limit {
        stop(.tookTooLong("the trainer said nothing for \(DurationText(milliseconds: limit))"), SIGKILL)
      }
      if let stopping, now - stopping.since > policy.graceMilliseconds { kill(-child, SIGKILL) }
      if isOpen { output.wait(milliseconds: 100) } else { usleep(20_000) }
    }
  }

  /// The two halves of a status as waitpid(2) gives it.
  private static func outcome(_ status: Int32) -> Outcome {
    let signal = status & 0x7f
    if signal != 0 { return .crashed(signal: signal) }
    let code = status >> 8 & 0xff
    return code == 0 ? .succeeded : .exited(code)
  }

  private static func uptime() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}

/// What a trainer prints, line by line; everything is copied to its log.
final class TrainerOutput {
  /// A longer line is nobody's progress.
  private static let lineBytes = 65_536
  private let descriptor: Int32
  private let log: Int32
  private var line: [UInt8] = []
  private var buffer = [UInt8](repeating: 0, count: 65_536)

  init(descriptor: Int32, log: Int32) {
    self.descriptor = descriptor
    self.log = log
  }

  /// Reads what is there; false at the end.
  func read(_ take: (TrainerLine) -> Void) -> Bool {
    for _ in 0..<64 {  // then the clock is looked at, as there may be no end
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count != 0 else { return false }
      guard count > 0 else { return errno == EAGAIN || errno == EINTR }
      _ = write(log, buffer, count)
      for byte in buffer[..<count] {
        if byte == UInt8(ascii: "\n") {
          take(TrainerLine(String(decoding: line, as: UTF8.self)))
          line.removeAll(keepingCapacity: true)
        } else if line.count < Self.lineBytes {
          line.append(byte)
        }
      }
    }
    return true
  }

  /// Reads what is left when the trainer has ended, its last line included.
  func readRest(_ take: (TrainerLine) -> Void) {
    _ = read(take)
    if !line.isEmpty { take(TrainerLine(String(decoding: line, as: UTF8.self))) }
    line = []
  }

  func wait(milliseconds: Int32) {
    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    poll(&poller, 1, milliseconds)
  }
}
