/// Everything that the rules of the switch look at: the link, the directories and the index, read once.
///
/// The rules themselves are the extensions of this type. They decide and touch nothing; `docs/format.md`
/// numbers the orders in which their decisions are carried out.
public struct SwitchView: Hashable, Sendable {
  /// A directory under `generations/`.
  public struct Generation: Hashable, Sendable {
    public let number: Int
    public let set: GenerationSet
    /// The fallback stored in `generation.json`.
    public let fallback: Int?
    /// Whether its `trial` mark stands.
    public var hasTrialMark: Bool
    /// Where its prepared link `back` points; nil when it has none.
    public var prepared: Int?
    /// Whether each version's tree stands under its name and isn't known to be damaged.
    public var isComplete: Bool
    /// What couldn't be read of it, or is damaged; nil where all of it could be looked at.
    public var problem: String?

    public init(
      number: Int, set: GenerationSet, fallback: Int?, hasTrialMark: Bool, prepared: Int?, isComplete: Bool,
      problem: String? = nil
    ) {
      self.number = number
      self.set = set
      self.fallback = fallback
      self.hasTrialMark = hasTrialMark
      self.prepared = prepared
      self.isComplete = isComplete
      self.problem = problem
    }
  }

  /// What the index says of a generation.
  public enum RowState: String, Hashable, Sendable, CaseIterable {
    /// Committed, and the link has not been seen at it yet.
    case pending
    /// The link never reached it.
    case abandoned
    /// Is active now or was once.
    case active
    /// Left by a rollback or revert; a further rollback passes it over.
    case left
  }

  public struct Row: Hashable, Sendable {
    public let number: Int
    public let set: GenerationSet
    public let fallback: Int?
    public var isConfirmed: Bool
    public var state: RowState

    public init(number: Int, set: GenerationSet, fallback: Int?, isConfirmed: Bool, state: RowState) {
      self.number = number
      self.set = set
      self.fallback = fallback
      self.isConfirmed = isConfirmed
      self.state = state
    }
  }

  /// The index's part; the view has none when the index is lost or can't be read.
  public struct Ledger: Hashable, Sendable {
    public var rows: [Int: Row]
    /// The generation that the last recorded switch made active.
    public var link: Int?

    public init(rows: [Int: Row], link: Int?) {
      self.rows = rows
      self.link = link
    }
  }

  /// The generation that `ROOT/active` names, whether or not its directory is there.
  public var active: Int?
  public var generations: [Int: Generation]
  public var ledger: Ledger?
  public var blocked: Set<Digest>

  public init(active: Int?, generations: [Int: Generation], ledger: Ledger?, blocked: Set<Digest>) {
    self.active = active
    self.generations = generations
    self.ledger = ledger
    self.blocked = blocked
  }

  public var activeGeneration: Generation? { active.flatMap { generations[$0] } }

  func row(_ number: Int) -> Row? { ledger?.rows[number] }

  /// The next generation's number: above every number that a row or a directory ever had.
  public var nextNumber: Int {
    max(generations.keys.max() ?? 0, ledger?.rows.keys.max() ?? 0) + 1
  }
}
