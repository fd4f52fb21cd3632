#if DEBUG
  import Glibc
  import Synchronization

  /// What goes wrong at which durable step, for tests; debug builds only.
  ///
  /// Steps are counted from 1, in the order in which this plan sees them. Set it for a piece of synchronous or
  /// asynchronous code with `FaultPlan.$current.withValue(plan) { … }`; a thread started inside doesn't inherit it.
  /// Without a current plan the one from the environment holds, see ``fromEnvironment``.
  public final class FaultPlan: Sendable {
    public enum Action: Sendable {
      /// Only writes down the labels, which every plan does.
      case record
      /// Kills this process with SIGKILL in place of the step.
      case kill(before: Int)
      /// The same in place of a sync; these are numbered from 1 on their own, as threads mix other steps in between.
      case killAtSync(number: Int)
      /// Makes the step fail; nothing is changed by it.
      case fail(at: Int, errno: Int32)
      /// From this step on every step that needs space fails with `ENOSPC`, until a ``Reserve`` is released.
      case full(from: Int)
      /// Skips a sync while claiming success, as a lying disk does. Syncs are numbered from 1 on their own.
      case omitSync(number: Int)
      /// Runs a closure before the step, to race with it. The closure's own steps don't count for this plan.
      case call(at: Int, @Sendable () -> Void)
      /// Appends each label, and a newline, to a file before the step is made.
      case trace(path: String)
    }

    enum Outcome {
      case proceed, omit
      case fail(Int32)
    }

    private struct Progress {
      var steps: [String] = []
      var syncs = 0
      var fullDiskEnded = false
    }

    /// The plan of this task or of this piece of a plain thread.
    @TaskLocal public static var current: FaultPlan?

    private let actions: [Action]
    private let progress = Mutex(Progress())

    public init(_ actions: Action...) { self.actions = actions }

    init(actions: [Action]) { self.actions = actions }

    static var effective: FaultPlan? { current ?? fromEnvironment }

    /// The labels of the steps reached so far, the killed, failed and omitted ones included.
    public var steps: [String] { progress.withLock { $0.steps } }
    /// How many steps were reached so far.
    public var count: Int { progress.withLock { $0.steps.count } }
    /// How many of them were syncs; unlike ``Flushes`` it isn't disturbed by what runs beside this plan.
    public var syncCount: Int { progress.withLock { $0.syncs } }

    func endFullDisk() { progress.withLock { $0.fullDiskEnded = true } }

    /// Counts a step and says what becomes of it.
    func reach(_ label: String, needsSpace: Bool, isSync: Bool) -> Outcome {
      let (step, sync, fullDiskEnded) = progress.withLock { progress in
        progress.steps.append(label)
        if isSync { progress.syncs += 1 }
        return (progress.steps.count, progress.syncs, progress.fullDiskEnded)
      }
      var outcome = Outcome.proceed
      for action in actions {
        switch action {
        case .record: break
        case .trace(let path): Self.append(label, to: path)
        case .kill(let number) where number == step: Self.die()
        case .killAtSync(let number) where isSync && number == sync: Self.die()
        case .fail(let number, let code) where number == step: outcome = .fail(code)
        case .full(let number) where step >= number && needsSpace && !fullDiskEnded:
          outcome = .fail(ENOSPC)
        case .omitSync(let number) where isSync && number == sync: outcome = .omit
        case .call(let number, let closure) where number == step:
          Self.$current.withValue(FaultPlan(.record)) { closure() }
        case .kill, .killAtSync, .fail, .full, .omitSync, .call: break
        }
      }
      return outcome
    }

    private static func die() -> Never {
      kill(getpid(), SIGKILL)
      // The signal needs no more than the return from the call; nothing may be written in between.
      while true { pause() }
    }

    private static func append(_ label: String, to path: String) {
      let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
      precondition(descriptor >= 0, "the trace of MODELCTL_FAULT can't be opened")
      defer { close(descriptor) }
      let line = Array("\(label)\n".utf8)
      // One call, so that the lines of several processes don't mix.
      precondition(write(descriptor, line, line.count) == line.count, "the trace can't be written")
    }
  }
#endif
