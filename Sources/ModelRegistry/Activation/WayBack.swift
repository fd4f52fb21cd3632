import DurableFiles
import RegistryModel

/// A rollback, or the revert of a trial.
///
/// Order (docs/format.md, "Rollback"): a block mark first, durable, where one is due and there is room; then one
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
    var warnings = block(target, view)
    try move(to: target, view)
    var number: Int64?
    do {
      number = try record(target, view)
    } catch {
      warnings.append(
        "the switch is done and not recorded yet, the next opening does it: \(Self.text(error))")
    }
    do {
      try armNext()
    } catch {
      warnings.append("the next way back is not prepared yet, the next opening does it: \(Self.text(error))")
    }
    var after = view
    after.active = target
    var result = try registry.result(after, switchNumber: number, previous: view.active, switched: true)
    result.warnings += warnings
    return result
  }

  /// Marks what is left behind, unless the target has it too. A full disk costs the mark, not the way back.
  private func block(_ target: Int, _ view: SwitchView) -> [String] {
    guard blocks, let left = view.activeGeneration?.set, let kept = view.generations[target]?.set else {
      return []
    }
    let digests = left.digests(notIn: kept).filter { !view.blocked.contains($0) }
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
      // No prepared link names the target: a new one is made beside everything else, from the reserve if need be.
      let name = "way-back-\(target)"
      try registry.withReserve {
        try store.staging.remove(name)
        try store.staging.makeLink(name, to: GenerationStore.linkText(target))
      }
      try store.staging.rename(name, to: GenerationStore.linkName, in: store.root, replacing: true)
    }
    try registry.syncSwitch(to: target)
  }

  private func record(_ target: Int, _ view: SwitchView) throws -> Int64? {
    let index = try registry.index()
    return try registry.withReserve {
      try index.write { transaction in
        // What was not recorded before this switch is recorded as it was before it.
        try registry.record(settledBefore(view, transaction), in: transaction)
        let before = view.activeGeneration?.set ?? GenerationSet()
        let after = view.generations[target]?.set ?? GenerationSet()
        let at = try transaction.audit(
          kind == .revert ? .revert : .rollback, "generation \(target)", from: view.active.map { "\($0)" },
          to: after.sorted.map(\.version.description).joined(separator: " "), reason: reason,
          by: registry.caller, at: registry.clock.now())
        if let active = view.active, target < active { try transaction.setState(active, .left) }
        try transaction.setState(target, .active)
        try transaction.setLink(target)
        try confirmIfKnownGood(target, after, view, transaction)
        if blocks {
          for digest in before.digests(notIn: after) {
            try transaction.audit(
              .block, digest.description, reason: reason, by: registry.caller, at: registry.clock.now())
          }
        }
        return try transaction.insertHistory(
          kind, generation: target, previous: view.active, state: .done, reason: reason, by: registry.caller,
          at: at, changes: HistoryChange.between(before, after))
      }
    }
  }

  /// A set that had been confirmed in another generation needs no second trial.
  private func confirmIfKnownGood(
    _ target: Int, _ set: GenerationSet, _ view: SwitchView, _ transaction: Transaction
  ) throws {
    guard !view.isConfirmed(target), !view.isBlocked(set) else { return }
    if try transaction.wasConfirmed(setDigest: Digest.sha256(of: set)) {
      try transaction.setConfirmed(target)
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

  private func armNext() throws {
    guard let index = registry.indexIfReadable else { return }
    guard let arming = try index.read({ try registry.view($0) }).conclusion.arming else { return }
    try generations.arm(arming)
  }

  private static func text(_ error: any Error) -> String {
    (error as? RegistryError)?.message ?? "\(error)"
  }
}
