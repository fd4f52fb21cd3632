public import RegistryModel

/// Where a verb of the switch left things.
public struct SwitchResult: Hashable, Sendable {
  public enum State: String, Hashable, Sendable { case confirmed, trial }

  /// What is active now.
  public let generation: Int
  /// The switch's number in the history; nil when nothing was switched or it could not be recorded.
  public let switchNumber: Int64?
  /// What was active before; nil when nothing was.
  public let previous: Int?
  /// Where a rollback from here goes; nil: nowhere.
  public let fallback: Int?
  public let state: State
  public let set: GenerationSet
  /// Boots left on trial; nil when confirmed.
  public let attemptsLeft: Int?
  /// Whether the link was moved by this call.
  public let switched: Bool
  /// What went wrong beside the switch itself, which stands.
  public var warnings: [String] = []
}

/// What `activate` is asked for beyond the versions.
public struct ActivationOptions: Sendable {
  public var reason: String?
  /// Boots and time for the trial; nil: the configuration's.
  public var attempts: Int?
  public var deadlineMilliseconds: Int64?
  /// Confirm at once, without a trial.
  public var confirmed: Bool
  /// Accept a blocked digest, or a version that lacks a path of the active one.
  public var force: Bool
  /// The generation that the caller saw active, ``nothingActive`` for none; nil: whichever is.
  public var expecting: Int?

  /// Stands for no generation.
  public static let nothingActive = 0

  public init(
    reason: String? = nil, attempts: Int? = nil, deadlineMilliseconds: Int64? = nil, confirmed: Bool = false,
    force: Bool = false, expecting: Int? = nil
  ) {
    self.reason = reason
    self.attempts = attempts
    self.deadlineMilliseconds = deadlineMilliseconds
    self.confirmed = confirmed
    self.force = force
    self.expecting = expecting
  }
}
