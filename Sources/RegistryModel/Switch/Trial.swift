/// The trial of a generation: how often it may be booted, for how long, and how it ends.
///
/// A pure state machine. A trial ends in *confirmed* or *reverted*; what reverts it says whether its new
/// digests are blocked (`RevertReason.blocks`).
public struct Trial: Hashable, Sendable {
  /// A point on the clock that counts since the machine's start, suspended time included.
  public struct Moment: Hashable, Sendable {
    /// The kernel's `boot_id`.
    public let bootID: String
    /// Stands for a boot whose id can't be read.
    public static let unknownBoot = "unknown"

    /// Milliseconds since that boot (`CLOCK_BOOTTIME`).
    public let uptimeMilliseconds: Int64

    public init(bootID: String, uptimeMilliseconds: Int64) {
      self.bootID = bootID
      self.uptimeMilliseconds = uptimeMilliseconds
    }
  }

  public let policy: TrialPolicy
  /// When the link was moved to the generation.
  public let started: Moment
  /// The boots that were allowed to load it, oldest first; nil when the index that counted them was lost.
  public var attempts: [Moment]?

  public init(policy: TrialPolicy, started: Moment, attempts: [Moment]?) {
    self.policy = policy
    self.started = started
    self.attempts = attempts
  }

  /// What `boot` does: load and spend one attempt, or revert.
  public enum Verdict: Hashable, Sendable {
    case load(attemptsLeft: Int)
    case revert(RevertReason)
  }

  public var attemptsLeft: Int { max(0, policy.attempts - (attempts?.count ?? policy.attempts)) }

  public func verdict(bootingAt now: Moment) -> Verdict {
    guard let attempts else { return .revert(.unknown) }
    if isOverdue(at: now) { return .revert(.deadline) }
    if attempts.count < policy.attempts { return .load(attemptsLeft: policy.attempts - attempts.count - 1) }
    // A boot that can't be told from others condemns nothing.
    let boots = (attempts.map(\.bootID) + [now.bootID]).filter { $0 != Moment.unknownBoot }
    return .revert(Set(boots).count == boots.count ? .power : .crash)
  }

  /// Whether the deadline has passed, counted within the boot that `now` belongs to: from the activation if it
  /// happened in this boot, else from this boot's first attempt.
  public func isOverdue(at now: Moment) -> Bool { millisecondsLeft(at: now) == 0 }

  /// Until the deadline passes, 0 from then on; nil without a deadline, and where nothing began in the boot of `now`.
  public func millisecondsLeft(at now: Moment) -> Int64? {
    guard let deadline = policy.deadlineMilliseconds else { return nil }
    let starts = ([started] + (attempts ?? [])).filter { $0.bootID == now.bootID }
    guard let first = starts.map(\.uptimeMilliseconds).min() else { return nil }
    return max(0, deadline - (now.uptimeMilliseconds - first))
  }
}

/// How many boots a trial may take, and how long.
public struct TrialPolicy: Hashable, Sendable {
  public static let standard = TrialPolicy(attempts: 3, deadlineMilliseconds: nil)
  public static let attemptsRange = 1...1_000_000
  /// A millisecond to some 31 years, which decimal seconds carry exactly.
  public static let deadlineMillisecondsRange: ClosedRange<Int64> = 1...1_000_000_000_000

  /// Boots that may load the generation; the next one reverts.
  public let attempts: Int
  /// Time for a confirm, within one boot; nil: no limit.
  public let deadlineMilliseconds: Int64?

  /// Makes a policy; a value outside its range becomes the nearest one inside.
  public init(attempts: Int, deadlineMilliseconds: Int64?) {
    self.attempts = min(max(attempts, Self.attemptsRange.lowerBound), Self.attemptsRange.upperBound)
    self.deadlineMilliseconds = deadlineMilliseconds.map {
      min(max($0, Self.deadlineMillisecondsRange.lowerBound), Self.deadlineMillisecondsRange.upperBound)
    }
  }
}

/// Why a trial ended badly.
public enum RevertReason: String, Hashable, Sendable, CaseIterable {
  /// Every attempt, and the boot that reverted, in a boot of its own: the power went, not the model.
  case power
  /// Attempts were spent twice within one boot: the runtime crashed.
  case crash
  /// The runtime, or an operator, reported a fault.
  case fault
  /// The probe after the activation failed.
  case probe
  /// The probe could not be run: nobody knows how the model does.
  case unprobed
  /// Not confirmed in time.
  case deadline
  /// The index that counted the attempts was lost.
  case unknown
  /// The attempt could not be recorded: disk full, or no index.
  case unrecorded

  /// Whether the digests that the generation brought are blocked: only where the model is to blame.
  public var blocks: Bool {
    switch self {
    case .crash, .fault, .probe, .deadline: true
    case .power, .unknown, .unrecorded, .unprobed: false
    }
  }
}

/// Whether control-loop ticks are too slow: three in a row above the limit.
public struct TickJudge: Hashable, Sendable {
  public static let standardLimitMilliseconds = 100.0
  public static let lateTicksInARow = 3

  public let limitMilliseconds: Double

  public init(limitMilliseconds: Double = TickJudge.standardLimitMilliseconds) {
    self.limitMilliseconds = limitMilliseconds
  }

  /// The fault to report, or nil when the ticks are fine.
  public func fault(in ticksMilliseconds: [Double]) -> String? {
    var late: [Double] = []
    for tick in ticksMilliseconds {
      late = tick > limitMilliseconds || tick.isNaN ? late + [tick] : []
      if late.count == Self.lateTicksInARow {
        let list = late.map { "\($0)" }.joined(separator: ", ")
        return "three ticks in a row over \(limitMilliseconds) ms: \(list)"
      }
    }
    return nil
  }
}
