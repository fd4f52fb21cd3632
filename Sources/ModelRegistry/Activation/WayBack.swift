import DurableFiles
import RegistryModel

/// A rollback, or the revert of a trial.
///
/// Order (docs/format.md, R2–R7): a block mark first, durable, where one is due and there is room; then one
/// rename over `active` and `fsync` of ROOT: from here on the old set loads, and that is all that must succeed.
/// With a prepared link it needs neither index nor network nor space. Then the record, and the next prepared
/// link; what fails there is a warning, and the next opening does it.
///
/// The caller holds `switch` and nothing that waits for a child process, a download or a hash.
struct WayBack {
  let registry: Registry
  let kind: HistoryEntry.Kind
  let reason: String?
  /// Whether the digests that are left behind are blocked.
  let blocks: Bool

  private var store: Store { registry.store }
  private var generations: GenerationStore { registry.generations }

  /// Goes to `target`; `view` is what was read under `switch`.
  func go(to target: Int, _ view: SwitchView) throws -> SwitchResult {
    var warnings = view.unread(before: target) + block(target, view)
    try move(to: target, view)
    var number: Int64?
    do {
      number = try record(target, view)
    } catch {
      warnings.append(
        "the switch is done and not recorded yet, the next opening does it: \(Self.text(error))")
    }
    var after = view
    after.active = target
    do {
      if let settled = try settleLinks() { after = settled }
    } catch {
      warnings.append("the next way back is not prepared yet, the next opening does it: \(Self.text(error))")
    }
    var result = try registry.result(after, switchNumber: number, previous: left(view), switched: true)
    result.warnings += warnings + registry.indexWarnings
    return result
  }

  /// Marks what is left behind, unless the target has it too. A full disk costs the mark, not the way back.
  private func block(_ target: Int, _ view: SwitchView) -> [String] {
    let digests = blocks ? view.condemned(goingTo: target) : []
    guard !digests.isEmpty else { return [] }
    do {
      try registry.withReserve {
        try registry.marks.block(digests, at: registry.clock.now(), reason: reason ?? kind.rawValue)
      }
      return []
    } catch {
      return ["\(digests.map(\.short).joined(separator: ", ")) could not be blocked: \(Self.text(error))"]
    }
  }

  private func move(to target: Int, _ view: SwitchView) throws {
    if let active = view.activeGeneration, active.prepared == target {
      let directory = try store.generations.directory("\(active.number)")
      try directory.rename(
        GenerationStore.backName, to: GenerationStore.linkName, in: store.root, replacing: true)
    } else {
      // No prepared link names the target: it gets one of its own, from the reserve if need be.
      let directory = try store.generations.directory("\(target)")
      try registry.withReserve {
        try directory.remove(GenerationStore.forwardName)
        try directory.makeLink(GenerationStore.forwardName, to: GenerationStore.linkText(target))
      }
      try generations.clearLink()
      try directory.rename(
        GenerationStore.forwardName, to: GenerationStore.linkName, in: store.root, replacing: true)
    }
    try registry.syncSwitch(to: target)
  }

  /// The generation that is left; nil where the link led nowhere.
  private func left(_ view: SwitchView) -> Int? { view.active == GenerationStore.nowhere ? nil : view.active }

  private func record(_ target: Int, _ view: SwitchView) throws -> Int64? {
    let index = try registry.index()
    return try registry.withReserve {
      try index.write { transaction in
        // What was not recorded before this switch is recorded as it was before it.
        try registry.record(settledBefore(view, transaction), in: transaction)
        let before = view.activeGeneration?.set ?? GenerationSet()
        let after = view.generations[target]?.set ?? GenerationSet()
        let at = try transaction.audit(
          kind == .revert ? .revert : .rollback, "generation \(target)", from: left(view).map { "\($0)" },
          to: after.sorted.map(\.version.description).joined(separator: " "), reason: reason,
          by: registry.caller, at: registry.clock.now())
        if let active = view.active, target < active { try transaction.setState(active, .left) }
        try transaction.setState(target, .active)
        try transaction.setLink(target)
        try settleTrial(target, after, view, transaction)
        if blocks {
          for digest in view.condemned(goingTo: target) {
            try transaction.audit(
              .block, digest.description, reason: reason, by: registry.caller, at: registry.clock.now())
          }
        }
        return try transaction.insertHistory(
          kind, generation: target, previous: left(view), state: .done, reason: reason, by: registry.caller,
          at: at, changes: HistoryChange.between(before, after))
      }
    }
  }

  /// A set that had been confirmed in another generation needs no second trial; any other begins a new one, as
  /// the attempts and the deadline of the one before would end it at once.
  private func settleTrial(
    _ target: Int, _ set: GenerationSet, _ view: SwitchView, _ transaction: Transaction
  ) throws {
    guard !view.isConfirmed(target), !view.isBlocked(set) else { return }
    if try transaction.wasConfirmed(setDigest: Digest.sha256(of: set)) {
      try transaction.setConfirmed(target)
    } else {
      try transaction.beginTrial(of: target, registry.clock.moment())
    }
  }

  private func settledBefore(_ view: SwitchView, _ transaction: Transaction) throws -> SwitchView {
    var before = try registry.view(transaction)
    before.active = view.active
    // The prepared link was consumed by this very switch: that is no trace of an earlier one.
    for (number, generation) in view.generations {
      before.generations[number]?.prepared = generation.prepared
    }
    return before
  }

  /// Brings the links of what is active now in line with the index, and returns what was read for it.
  private func settleLinks() throws -> SwitchView? {
    guard let index = registry.indexIfReadable else { return nil }
    let view = try index.read { try registry.view($0) }
    if let number = view.conclusion.staleMark { try generations.removeTrialMark(number) }
    if let arming = view.conclusion.arming { try generations.arm(arming) }
    return view
  }

  private static func text(_ error: any Error) -> String {
    (error as? RegistryError)?.message ?? "\(error)"
  }
}
