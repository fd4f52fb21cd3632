import RegistryModel
import Testing

/// A store without files: the steps of docs/format.md, decided by the rules alone, with a death after any step.
///
/// It keeps beside the store what was promised to the operator, and holds the store to it after every step.
struct SwitchHistory {
  struct Died: Error {}
  /// A promise that the rules broke.
  struct Broken: Error, CustomStringConvertible { let description: String }

  static let attempts = 2
  static let sets = 0...6

  private(set) var view = SwitchView(
    active: nil, generations: [:], ledger: SwitchView.Ledger(rows: [:], link: nil), blocked: [])
  private(set) var log: [String] = []
  private(set) var deaths = 0
  private(set) var reverts = 0
  private(set) var rollbacks = 0
  private var trials: [Int: Trial] = [:]
  private var trees = Set(sets)
  private var boot = 1
  /// Steps until the process dies.
  private var breath = Int.max
  private var indexIsReadable = true

  /// What ROOT says on the medium, and generations whose mark is still there on it.
  private var flushed: Int?
  private var unflushedMarks: Set<Int> = []

  private var allowed: Set<Int?> = [nil]
  private var acknowledged: Set<Int> = []
  private var mayBeConfirmed: Set<Int> = []
  private var left: Set<Int> = []
  private var sets: [Int: GenerationSet] = [:]

  /// The store on a few lines, for when a promise is broken.
  var picture: String {
    let lines = view.generations.values.sorted { $0.number < $1.number }.map { generation in
      let row = view.ledger?.rows[generation.number]
      return "\(generation.number == view.active ? "->" : "  ") \(generation.number)"
        + " set \(generation.set.sorted.map(\.version.number)) falls back to \(generation.fallback ?? 0)"
        + " back \(generation.prepared ?? 0)\(generation.hasTrialMark ? " mark" : "")"
        + "\(generation.isComplete ? "" : " incomplete")\(view.isBlocked(generation.set) ? " blocked" : "")"
        + " \(row.map { "\($0.state)\($0.isConfirmed ? " confirmed" : "")" } ?? "no row")"
    }
    return "last recorded \(view.ledger?.link ?? 0)\n" + lines.joined(separator: "\n")
  }

  // MARK: Commands

  mutating func run(_ command: Command, dyingAfter breath: Int, powerCut: Bool, indexIsReadable: Bool) throws
  {
    self.breath = breath
    self.indexIsReadable = indexIsReadable
    log.append("\(command)\(indexIsReadable ? "" : " without index")")
    do {
      try recover()
      switch command {
      case .activate(let set): try activate(set)
      case .confirm: try confirm()
      case .boot: try bootOnce()
      case .reboot:
        boot += 1
        try bootOnce()
      case .rollback(let bad): if let target = seen.rollbackTarget { try wayBack(to: target, blocks: bad) }
      case .rollbackTo(let number): try rollback(to: number)
      case .fault: if view.isOnTrial, seen.isOnTrial { try revert(.fault) }
      case .uninstall(let set): try uninstall(set)
      }
    } catch is Died {
      deaths += 1
      log.append("died")
      if powerCut { cutPower() }
    }
    self.breath = .max
    try check()
  }

  enum Command: Hashable {
    case activate(Int), confirm, boot, reboot, rollback(bad: Bool), rollbackTo(Int), fault, uninstall(Int)
  }

  /// What the program sees: without the index the links and folders alone.
  private var seen: SwitchView {
    var seen = view
    if !indexIsReadable { seen.ledger = nil }
    return seen
  }

  private mutating func recover() throws {
    guard indexIsReadable else { return }
    let conclusion = view.conclusion
    if !conclusion.isEmpty {
      flushed = view.active
      try step()
      if let ledger = view.ledger { view.ledger = view.settled(ledger) }
      try step()
      if let number = conclusion.staleMark { view.generations[number]?.hasTrialMark = false }
      if let arming = conclusion.arming { view.generations[arming.generation]?.prepared = arming.target }
      try step()
    }
    for number in view.orphans { view.generations[number] = nil }
    try step()
    try require(view.conclusion.isEmpty && view.orphans.isEmpty, "I7: a second recovery finds work")
    try require(view.ledger?.link == view.active, "I7: the index does not follow the link")
    if let prepared = view.activeGeneration?.prepared {
      try require(view.generations[prepared]?.isComplete == true, "I8: back names an incomplete generation")
    }
  }

  private mutating func activate(_ number: Int) throws {
    let set = SwitchCase.set(number)
    guard let ledger = seen.ledger, trees.contains(number), !view.isBlocked(set),
      view.activeGeneration?.set != set
    else { return }
    let atOnce = view.isConfirmedAtOnce(set, confirmedBefore: wasConfirmed(set))
    let new = view.nextNumber
    let fallback = view.fallback(forNew: set)
    try require(sets.updateValue(set, forKey: new) == nil, "I6: number \(new) names two sets")
    if atOnce { mayBeConfirmed.insert(new) }
    view.generations[new] = SwitchView.Generation(
      number: new, set: set, fallback: fallback, hasTrialMark: !atOnce, prepared: fallback, isComplete: true)
    try step()
    var settled = view.settled(ledger)
    settled.rows[new] = SwitchView.Row(
      number: new, set: set, fallback: fallback, isConfirmed: atOnce, state: .pending)
    view.ledger = settled
    trials[new] = Trial(
      policy: TrialPolicy(attempts: Self.attempts, deadlineMilliseconds: nil), started: moment, attempts: [])
    try step()
    move(to: new)
    try step()
    flushed = new
    allowed = [new]
    if atOnce { acknowledged.insert(new) }
    try step()
  }

  private func wasConfirmed(_ set: GenerationSet) -> Bool {
    view.ledger?.rows.values.contains { $0.set == set && $0.isConfirmed && $0.state != .abandoned } ?? false
  }

  private mutating func confirm() throws {
    guard let ledger = seen.ledger, let active = view.active else { return }
    mayBeConfirmed.insert(active)
    view.ledger = view.settled(ledger)
    view.ledger?.rows[active]?.isConfirmed = true
    try step()
    if view.generations[active]?.hasTrialMark == true { unflushedMarks.insert(active) }
    view.generations[active]?.hasTrialMark = false
    try step()
    unflushedMarks.remove(active)
    acknowledged.insert(active)
    try step()
  }

  private mutating func bootOnce() throws {
    guard let active = view.active, seen.isOnTrial else { return }
    guard indexIsReadable, let ledger = view.ledger, let trial = trials[active] else {
      return try revert(.unknown)
    }
    switch trial.verdict(bootingAt: moment) {
    case .load:
      view.ledger = view.settled(ledger)
      let now = moment
      trials[active]?.attempts?.append(now)
      let loads = trials[active]?.attempts?.count ?? 0
      try require(loads <= Self.attempts, "I5: loaded \(loads) times on trial")
      try step()
    case .revert(let reason): try revert(reason)
    }
  }

  private mutating func revert(_ reason: RevertReason) throws {
    guard let target = seen.rollbackTarget else { throw Broken(description: "I5: nothing to revert to") }
    reverts += 1
    try wayBack(to: target, blocks: reason.blocks)
  }

  private mutating func rollback(to number: Int) throws {
    guard let ledger = seen.ledger, let target = view.generations[number], number != view.active,
      target.isComplete, !view.isBlocked(target.set), let row = ledger.rows[number],
      row.state != .pending, row.state != .abandoned
    else { return }
    var there = view
    there.active = number
    // What would be on trial there needs a way back of its own, or the trial could not end.
    guard there.rollbackTarget != nil || !there.isOnTrial else { return }
    view.generations[number]?.prepared = there.rollbackTarget
    try step()
    try wayBack(to: number, blocks: false, isChosen: true)
  }

  private mutating func wayBack(to target: Int, blocks: Bool, isChosen: Bool = false) throws {
    guard let from = view.active, let set = view.activeGeneration?.set, let there = view.generations[target]
    else {
      throw Broken(description: "the way back from \(view.active ?? 0) to \(target) has no end")
    }
    rollbacks += 1
    if !isChosen { try checkLanding(on: there, leaving: set) }
    let before = view
    if blocks { view.blocked.formUnion(set.digests(notIn: there.set)) }
    try step()
    if view.generations[from]?.prepared == target { view.generations[from]?.prepared = nil }
    move(to: target)
    left.remove(target)
    try step()
    flushed = target
    allowed = [target]
    // Of two ways back in a row that nobody could record, the index learns where they began and where they ended.
    let isKnown = view.ledger?.link == from || view.ledger?.rows[from]?.state == .pending
    if target < from, isKnown || indexIsReadable { left.insert(from) }
    try step()
    guard indexIsReadable, let ledger = view.ledger else { return }
    var recorded = before.settled(ledger)
    if target < from { recorded.rows[from]?.state = .left }
    recorded.rows[target]?.state = .active
    recorded.link = target
    if wasConfirmed(there.set), !view.isBlocked(there.set) {
      recorded.rows[target]?.isConfirmed = true
      mayBeConfirmed.insert(target)
    }
    view.ledger = recorded
    try step()
    if let arming = view.conclusion.arming { view.generations[arming.generation]?.prepared = arming.target }
    try step()
  }

  private mutating func uninstall(_ number: Int) throws {
    guard number > 0, seen.ledger != nil else { return }
    let kept = Set(view.protected.keys.compactMap { view.generations[$0]?.set })
    guard !kept.contains(SwitchCase.set(number)) else { return }
    trees.remove(number)
    for (key, generation) in view.generations where generation.set == SwitchCase.set(number) {
      view.generations[key]?.isComplete = false
    }
    try step()
  }

  /// A version that was uninstalled is installed again, and its old generations are whole again.
  mutating func install(_ number: Int) {
    trees.insert(number)
    for (key, generation) in view.generations where generation.set == SwitchCase.set(number) {
      view.generations[key]?.isComplete = true
    }
  }

  // MARK: Steps and deaths

  private var moment: Trial.Moment { Trial.Moment(bootID: "boot-\(boot)", uptimeMilliseconds: 0) }

  private mutating func move(to number: Int) {
    view.active = number
    allowed.insert(number)
  }

  private mutating func step() throws {
    try check()
    if breath == 0 { throw Died() }
    breath -= 1
  }

  /// What was not flushed may be gone: here all of it is.
  private mutating func cutPower() {
    boot += 1
    if let active = view.active, let flushed, active != flushed, view.generations[flushed] != nil {
      // The rename over `active` consumed a link, which is back with it.
      if view.ledger?.rows[flushed] != nil, active < flushed { view.generations[flushed]?.prepared = active }
      view.active = flushed
    } else if flushed == nil {
      view.active = nil
    }
    for number in unflushedMarks { view.generations[number]?.hasTrialMark = true }
    unflushedMarks = []
  }

  // MARK: Promises

  private func check() throws {
    try require(allowed.contains(view.active), "I2: active is \(view.active ?? 0), promised was \(allowed)")
    guard let active = view.active else { return }
    try require(view.activeGeneration?.isComplete == true, "I1: generation \(active) is not complete")
    try require(
      !view.isOnTrial || !acknowledged.contains(active),
      "I2: confirmed generation \(active) is on trial again")
    var lost = view
    lost.ledger = nil
    for view in [view, lost] where !mayBeConfirmed.contains(active) {
      try require(view.isOnTrial, "I4: generation \(active) was never confirmed and counts as confirmed")
    }
  }

  private func checkLanding(on there: SwitchView.Generation, leaving set: GenerationSet) throws {
    try require(there.set != set, "I3: a rollback lands on the set that it leaves")
    try require(!view.isBlocked(there.set), "I3: a rollback lands on a blocked set")
    try require(there.isComplete, "I3: a rollback lands on an incomplete generation")
    try require(mayBeConfirmed.contains(there.number), "I3: a rollback lands on what was never confirmed")
    try require(!indexIsReadable || !left.contains(there.number), "I3: a rollback lands on what was left")
  }

  private func require(_ holds: Bool, _ promise: String) throws {
    if !holds { throw Broken(description: promise) }
  }
}
