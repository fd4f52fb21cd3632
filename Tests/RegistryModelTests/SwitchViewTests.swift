import RegistryModel
import Testing

/// The rules of the switch in stores that one can picture; `SwitchCasesTests` holds them against the model.
@Suite struct SwitchViewTests {
  typealias Generation = SwitchView.Generation
  typealias Row = SwitchView.Row

  /// Generations 1…n with sets 1…n, each falling back to the one before, all confirmed, the last one active.
  private func history(_ count: Int) -> SwitchView {
    var view = SwitchView(active: count, generations: [:], ledger: .init(rows: [:], link: count), blocked: [])
    for number in 1...count {
      add(number, set: number, fallback: number > 1 ? number - 1 : nil, to: &view)
    }
    return view
  }

  private func add(
    _ number: Int, set: Int, fallback: Int?, confirmed: Bool = true, state: SwitchView.RowState = .active,
    to view: inout SwitchView
  ) {
    view.generations[number] = Generation(
      number: number, set: SwitchCase.set(set), fallback: fallback, hasTrialMark: !confirmed,
      prepared: fallback, isComplete: true)
    view.ledger?.rows[number] = Row(
      number: number, set: SwitchCase.set(set), fallback: fallback, isConfirmed: confirmed, state: state)
  }

  private func block(_ set: Int, _ view: inout SwitchView) {
    view.blocked.formUnion(SwitchCase.set(set).digests)
  }

  // MARK: The way back

  @Test func `a rollback goes to the stored fallback`() {
    #expect(history(3).rollbackTarget == 2)
    #expect(history(1).rollbackTarget == nil)
    #expect(SwitchView(active: nil, generations: [:], ledger: nil, blocked: []).rollbackTarget == nil)
  }

  @Test func `a rollback passes over what may not be landed on`() {
    var view = history(6)
    view.generations[5]?.isComplete = false
    view.ledger?.rows[4]?.state = .left
    view.ledger?.rows[3]?.isConfirmed = false
    block(2, &view)
    #expect(view.rollbackTarget == 1)
    view.ledger?.rows[1]?.state = .abandoned
    #expect(view.rollbackTarget == nil)
  }

  @Test func `what couldn't be read on the way is told`() {
    var view = history(4)
    view.generations[4]?.problem = "is where one is, not on the way"
    view.generations[3]?.isComplete = false
    view.generations[3]?.problem = "read: Input/output error"
    #expect(view.rollbackTarget == 2)
    #expect(view.unread(before: 2) == ["generation 3 couldn't be read: read: Input/output error"])
    view.generations[1]?.problem = "is never come to"
    #expect(view.unread(before: 2).count == 1)
    #expect(view.unread(before: nil).count == 2)
    #expect(history(4).unread(before: nil) == [])
  }

  @Test func `a rollback never lands on the set that it leaves`() {
    var view = history(2)
    add(3, set: 2, fallback: 2, to: &view)
    view.active = 3
    #expect(view.rollbackTarget == 1)
  }

  @Test func `a chain goes on through a generation that was collected, and ends where nothing knows more`() {
    var view = history(4)
    view.generations[2] = nil
    #expect(view.rollbackTarget == 3)
    view.ledger?.rows[3]?.state = .left
    #expect(view.rollbackTarget == 1)
    view.ledger?.rows[2] = nil
    #expect(view.rollbackTarget == nil)
    view.generations[3] = Generation(
      number: 3, set: SwitchCase.set(3), fallback: 3, hasTrialMark: false, prepared: nil, isComplete: true)
    #expect(view.rollbackTarget == nil && view.fallback(forNew: SwitchCase.set(4)) == 3)
  }

  @Test func `without an index the mark decides, and what was left may be landed on again`() {
    var view = history(3)
    view.ledger?.rows[2]?.state = .left
    #expect(view.rollbackTarget == 1)
    view.ledger = nil
    #expect(view.rollbackTarget == 2)
    view.generations[2]?.hasTrialMark = true
    #expect(view.rollbackTarget == 1)
  }

  @Test func `a link whose folder is gone goes where its row falls back to`() {
    var view = history(4)
    view.generations[4] = nil
    #expect(view.rollbackTarget == 3)
    view.ledger?.rows[3]?.state = .left
    #expect(view.rollbackTarget == 2)
  }

  @Test func `a link whose folder and row are gone goes to the highest that may be landed on`() {
    var view = history(4)
    view.generations[4] = nil
    view.ledger?.rows[4] = nil
    view.generations[3]?.isComplete = false
    #expect(view.rollbackTarget == 2)
    view.ledger = nil
    #expect(view.rollbackTarget == 2)
    #expect(view.isOnTrial && !view.isConfirmed(4))
  }

  // MARK: A new generation

  @Test func `a new generation falls back to the active one if that is confirmed`() {
    var view = history(3)
    #expect(view.fallback(forNew: SwitchCase.set(4)) == 3)
    view.ledger?.rows[3]?.isConfirmed = false
    #expect(view.fallback(forNew: SwitchCase.set(4)) == 2)
    #expect(view.fallback(forNew: SwitchCase.set(2)) == 1)
    block(2, &view)
    #expect(view.fallback(forNew: SwitchCase.set(4)) == 1)
    #expect(view.fallback(forNew: SwitchCase.set(1)) == nil)
  }

  @Test func `the first activation and known good sets need no trial, blocked ones do`() {
    let empty = SwitchView(active: nil, generations: [:], ledger: nil, blocked: [])
    #expect(empty.isConfirmedAtOnce(SwitchCase.set(1), confirmedBefore: false))
    var view = history(2)
    #expect(!view.isConfirmedAtOnce(SwitchCase.set(3), confirmedBefore: false))
    #expect(view.isConfirmedAtOnce(SwitchCase.set(1), confirmedBefore: true))
    block(1, &view)
    #expect(!view.isConfirmedAtOnce(SwitchCase.set(1), confirmedBefore: true))
  }

  @Test func `a number is never used again, whoever remembers it`() {
    var view = history(3)
    #expect(view.nextNumber == 4)
    view.generations[7] = view.generations[3]
    #expect(view.nextNumber == 8)
    view.generations = [:]
    #expect(view.nextNumber == 4)
    view.ledger = nil
    #expect(view.nextNumber == 1)
  }

  // MARK: Recovery

  @Test func `a settled store asks nothing of an opening`() {
    #expect(history(3).conclusion.isEmpty)
    var lost = history(3)
    lost.ledger = nil
    lost.generations[3]?.prepared = nil
    #expect(lost.conclusion.isEmpty, "nothing is recorded or repaired without an index")
  }

  @Test func `a pending row becomes active where the link is`() {
    var view = history(3)
    view.ledger?.rows[3]?.state = .pending
    view.ledger?.link = 2
    #expect(view.conclusion.states == [3: .active])
    #expect(view.conclusion.linkMoved && view.conclusion.changesLedger && view.conclusion.arming == nil)
  }

  @Test func `a pending row that the link never reached is abandoned`() {
    var view = history(2)
    add(3, set: 3, fallback: 2, confirmed: false, state: .pending, to: &view)
    #expect(view.conclusion.states == [3: .abandoned])
    #expect(!view.conclusion.linkMoved)
    view.generations[3] = nil
    #expect(view.conclusion.states == [3: .abandoned], "with or without its folder")
  }

  @Test func `a pending row whose way back was used is left`() {
    var view = history(2)
    add(3, set: 3, fallback: 2, confirmed: false, state: .pending, to: &view)
    view.generations[3]?.prepared = nil
    #expect(view.conclusion.states == [3: .left])
    #expect(view.orphans.isEmpty)
  }

  @Test func `an unrecorded way back leaves the generation, an unrecorded way forward does not`() {
    var view = history(3)
    view.active = 2
    #expect(view.conclusion.states == [3: .left] && view.conclusion.linkMoved)
    var forward = history(3)
    forward.ledger?.link = 2
    #expect(forward.conclusion.states.isEmpty && forward.conclusion.linkMoved)
  }

  @Test func `recovery arms the way back that the settled rows demand`() {
    var view = history(4)
    view.active = 3
    view.generations[3]?.prepared = nil
    view.ledger?.rows[2]?.state = .left
    #expect(view.conclusion.arming == SwitchView.Arming(generation: 3, target: 1))
    block(1, &view)
    #expect(view.conclusion.arming == nil, "no target, and no link: nothing to do")
    view.generations[3]?.prepared = 2
    #expect(view.conclusion.arming == SwitchView.Arming(generation: 3, target: nil))
  }

  @Test func `the mark of what the index has confirmed is stale`() {
    var view = history(2)
    view.generations[2]?.hasTrialMark = true
    #expect(view.conclusion.staleMark == 2 && !view.conclusion.changesLedger)
    view.ledger?.rows[2]?.isConfirmed = false
    #expect(view.conclusion.staleMark == nil)
  }

  @Test func `orphans are folders without a row and abandoned ones, but never the highest or the active`() {
    var view = history(6)
    view.active = 4
    view.ledger?.rows[1] = nil
    view.ledger?.rows[2]?.state = .abandoned
    view.ledger?.rows[3]?.state = .left
    view.ledger?.rows[4] = nil
    view.ledger?.rows[5]?.state = .pending
    view.ledger?.rows[6]?.state = .abandoned
    #expect(view.orphans == [1, 2])
    view.ledger = nil
    #expect(view.orphans.isEmpty, "without an index nothing is known to be an orphan")
  }

  // MARK: Protection

  @Test func `protected is what two rollbacks from the active generation need`() {
    #expect(history(5).protected.keys.sorted() == [3, 4, 5])
    #expect(history(5).protected[5] == "it is active")
    #expect(history(5).protected[4] == "a rollback goes to it")
    #expect(history(5).protected[3]?.contains("generation 4") == true)
  }

  @Test func `protected is where rollbacks go, and not only the stored fallbacks`() {
    var view = history(6)
    view.ledger?.rows[5]?.state = .left
    view.ledger?.rows[3]?.state = .left
    // 6 goes to 4, which goes to 2; 5 and 3 are stored as fallbacks and wait for a lost index.
    #expect(view.protected.keys.sorted() == [2, 3, 4, 5, 6])
  }

  @Test func `protected is a pending generation with its way back, and the last confirmed one`() {
    var view = history(6)
    view.active = 2
    view.ledger?.link = 2
    add(7, set: 7, fallback: 4, confirmed: false, state: .pending, to: &view)
    // 7 with its fallback 4; 6, the last confirmed one, with its fallback 5; 2 with its fallback 1.
    #expect(view.protected.keys.sorted() == [1, 2, 4, 5, 6, 7])
    #expect(
      view.protected[7] == "it is being activated" && view.protected[6] == "it is the last confirmed set")
    view.ledger?.rows[6]?.state = .abandoned
    #expect(view.protected.keys.sorted() == [1, 2, 4, 5, 7])
  }

  @Test func `protected is what the prepared link names, though the rule would go elsewhere`() {
    var view = history(5)
    view.generations[5]?.prepared = 1
    #expect(view.protected.keys.sorted() == [1, 3, 4, 5])
  }

  @Test func `protection needs no index`() {
    var view = history(4)
    view.ledger = nil
    #expect(view.protected.keys.sorted() == [2, 3, 4])
  }
}
