/// What recovery concludes: the index follows the link, never the other way round.
extension SwitchView {
  /// The work that an opening finds to do; `isEmpty` when the store is settled.
  public struct Conclusion: Hashable, Sendable {
    /// Rows whose state changes, with the state that they get.
    public var states: [Int: RowState] = [:]
    /// Set when the last recorded switch isn't where the link is.
    public var linkMoved = false
    /// A confirmed generation whose `trial` mark is to be unlinked.
    public var staleMark: Int?
    /// What the active generation's `back` should be, where that differs from what it is.
    public var arming: Arming?

    /// Nothing to do.
    public init() {}

    public var isEmpty: Bool { self == Conclusion() }
    /// Whether the index has something to record.
    public var changesLedger: Bool { linkMoved || !states.isEmpty }
  }

  public struct Arming: Hashable, Sendable {
    public let generation: Int
    /// The target that `back` should have; nil: there should be none.
    public let target: Int?

    public init(generation: Int, target: Int?) {
      self.generation = generation
      self.target = target
    }
  }

  /// The ledger as it is once it follows the link.
  ///
  /// * A pending row becomes `active` where the link names it, else `abandoned`, or `left` where its prepared
  ///   link is gone: then its activation was answered, and somebody went back through that link.
  /// * A link that moved without a record: the generation that it left backwards becomes `left`.
  public func settled(_ ledger: Ledger) -> Ledger {
    var settled = ledger
    for (number, row) in ledger.rows where row.state == .pending {
      settled.rows[number]?.state = number == active ? .active : wasLeft(number) ? .left : .abandoned
    }
    if active != ledger.link {
      if let link = ledger.link, ledger.rows[link] != nil {
        let wentForward = active.map { ledger.rows[$0] != nil && $0 > link } ?? false
        if !wentForward { settled.rows[link]?.state = .left }
      }
      if let active { settled.rows[active]?.state = .active }
      settled.link = active
    }
    return settled
  }

  /// What an opening of this store has to do; nothing at all where the index can't be read.
  public var conclusion: Conclusion {
    var conclusion = Conclusion()
    guard let ledger else { return conclusion }
    let after = settled(ledger)
    conclusion.linkMoved = after.link != ledger.link
    for (number, row) in after.rows where row.state != ledger.rows[number]?.state {
      conclusion.states[number] = row.state
    }
    guard let generation = activeGeneration else { return conclusion }
    if generation.hasTrialMark, !isOnTrial { conclusion.staleMark = generation.number }
    var view = self
    view.ledger = after
    let target = view.rollbackTarget
    if target != generation.prepared {
      conclusion.arming = Arming(generation: generation.number, target: target)
    }
    return conclusion
  }

  /// Directories that no row stands behind: an interrupted activation's, or an abandoned one's. The
  /// highest-numbered directory stays in any case, so that no number is ever used twice.
  public var orphans: [Int] {
    guard let ledger else { return [] }
    let highest = generations.keys.max()
    return generations.keys.filter { number in
      guard number != active, number != highest else { return false }
      guard let row = ledger.rows[number] else { return true }
      return row.state == .abandoned
    }.sorted()
  }

  private func wasLeft(_ number: Int) -> Bool {
    guard let generation = generations[number] else { return false }
    return generation.fallback != nil && generation.prepared == nil
  }
}
