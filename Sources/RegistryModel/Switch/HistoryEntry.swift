/// One entry of the history: a switch, or the refusal of one.
public struct HistoryEntry: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case activate, deactivate, rollback
    /// A trial that ended badly.
    case revert
    /// A move of the link that nobody recorded, found by recovery.
    case recovered
    /// An activation or rollback that a rule forbade.
    case refused
  }

  public enum State: String, Hashable, Sendable, CaseIterable {
    /// Committed; the link has not been seen there yet.
    case pending
    case done
    /// The link never got there.
    case abandoned
    case refused
  }

  /// Position in the history; refusals have one too. Use it to page.
  public let id: Int64
  /// The switch's number; nil for a refusal.
  public let switchNumber: Int64?
  /// The generation switched to; nil for a refusal before one was built.
  public let generation: Int?
  /// The generation that was active before.
  public let previous: Int?
  public let at: Timestamp
  public let by: String
  public let kind: Kind
  public let reason: String?
  public let state: State
  /// The set of `generation`.
  public let set: GenerationSet

  public init(
    id: Int64, switchNumber: Int64?, generation: Int?, previous: Int?, at: Timestamp, by: String, kind: Kind,
    reason: String?, state: State, set: GenerationSet
  ) {
    self.id = id
    self.switchNumber = switchNumber
    self.generation = generation
    self.previous = previous
    self.at = at
    self.by = by
    self.kind = kind
    self.reason = reason
    self.state = state
    self.set = set
  }
}
