import DurableFiles
import RegistryModel

/// One activation, from its checks to its report.
///
/// Order (docs/format.md, A1–A7): checks and gate without a lock; the generation's directory, durable, under
/// `content` shared; then under `switch` one transaction that checks again, the rename of `active`, and `fsync` of
/// ROOT, after which "activated" may be said. A crash before the rename leaves a pending row, which the next
/// opening calls abandoned; a crash after it leaves the new generation active, and the next opening records it.
struct Activation {
  let registry: Registry
  let kind: HistoryEntry.Kind
  let options: ActivationOptions

  private var store: Store { registry.store }
  private var generations: GenerationStore { registry.generations }

  /// - Parameter base: the active set that `set` was made from.
  func run(
    _ set: GenerationSet, from base: GenerationSet, changed: [VersionRecord]
  ) throws -> SwitchResult {
    let index = try registry.index()
    let before = try index.read { try registry.view($0) }
    try registry.requireExpected(options.expecting, before)
    guard before.activeGeneration.map({ $0.set == base }) ?? true else {
      throw refused("another generation was activated")
    }
    if let active = before.activeGeneration, active.set == set { return try keep(active, before) }
    try ActivationChecks(registry: registry, options: options).check(changed, set: set, before: before)
    if let gate = registry.configuration.gate, let problem = HookRunner().run(gate).problem(gate) {
      throw RegistryError(
        .refused, "the gate says no: \(problem)", hint: "try again when the robot allows it")
    }
    let content = try StoreLock.content.acquire(store, .shared, waitingAtMost: registry.patience)
    let built: Built
    let number: Int64?
    let warnings: [String]
    do {
      defer { content.release() }
      built = try build(set, index)
      do {
        (number, warnings) = try `switch`(to: built, from: before, index)
      } catch {
        if try isRefusal(error) && generations.activeNumber() != built.record.number { discard(built, index) }
        throw error
      }
    }
    return try report(built, number, before, warnings)
  }

  // MARK: Build

  private struct Built {
    let record: GenerationRecord
    let digest: Digest
    let setDigest: Digest
    let isConfirmed: Bool
    let needsNoTrial: Bool
    let policy: TrialPolicy
  }

  private func build(_ set: GenerationSet, _ index: Index) throws -> Built {
    let setDigest = try Digest.sha256(of: set)
    let policy = TrialPolicy(
      attempts: options.attempts ?? registry.configuration.trial.attempts,
      deadlineMilliseconds: options.deadlineMilliseconds ?? registry.configuration.trial.deadlineMilliseconds)
    let (view, head, confirmedBefore) = try index.read { transaction in
      (
        try registry.view(transaction), try transaction.auditHead(),
        try transaction.wasConfirmed(setDigest: setDigest)
      )
    }
    // With a probe, what needs no trial is confirmed when the probe has passed.
    let needsNoTrial = view.isConfirmedAtOnce(set, confirmedBefore: confirmedBefore)
    let isConfirmed = options.confirmed || (needsNoTrial && registry.configuration.probe == nil)
    var number = max(view.nextNumber, 1 + (try generations.numbers().last ?? 0))
    while true {
      let record = GenerationRecord(
        number: number, set: set, at: registry.clock.now(), by: registry.caller, reason: options.reason,
        fallback: view.fallback(forNew: set), trial: isConfirmed ? nil : policy, audit: head)
      do {
        try generations.build(record, onTrial: !isConfirmed)
        return Built(
          record: record, digest: try Digest.sha256(of: record.canonicalBytes), setDigest: setDigest,
          isConfirmed: isConfirmed, needsNoTrial: needsNoTrial, policy: policy)
      } catch let error as FileError where error.exists {
        number += 1  // another activation took the number
      }
    }
  }

  // MARK: Switch

  /// The switch's number, and what went wrong after the point of no return.
  private func `switch`(
    to built: Built, from before: SwitchView, _ index: Index
  ) throws -> (Int64?, [String]) {
    let lock = try StoreLock.switch.acquire(store, .exclusive, waitingAtMost: registry.patience)
    defer { lock.release() }
    try registry.syncUnseenMove(index.read { try registry.view($0) })
    let (number, forced) = try index.write { transaction in
      let view = try registry.view(transaction)
      try recheck(built, view, before, transaction)
      try registry.record(view, in: transaction)
      let forced = built.isConfirmed ? built.record.set.digests.intersection(view.blocked).sorted() : []
      let number = try insert(built, view, transaction)
      try registry.auditUnblock(forced, in: transaction)
      return (number, forced)
    }
    let name = "\(built.record.number)"
    try store.generations.directory(name).rename(
      GenerationStore.forwardName, to: GenerationStore.linkName, in: store.root, replacing: true)
    try registry.syncSwitch(to: built.record.number)
    do {
      _ = try registry.marks.unblock(forced)  // confirmed and blocked contradict each other
      return (number, [])
    } catch {
      return (
        number, ["the set is confirmed and still blocked, `modelctl confirm` takes the block away: \(error)"]
      )
    }
  }

  private func insert(_ built: Built, _ view: SwitchView, _ transaction: Transaction) throws -> Int64? {
    let changes = HistoryChange.between(view.activeGeneration?.set ?? GenerationSet(), built.record.set)
    let at = try transaction.audit(
      kind == .deactivate ? .deactivate : .activate, "generation \(built.record.number)",
      from: view.active.map { "\($0)" },
      to: built.record.set.sorted.map(\.version.description).joined(separator: " "),
      reason: options.reason, by: registry.caller, at: registry.clock.now())
    try transaction.insertGeneration(
      NewGeneration(
        number: built.record.number, digest: built.digest, set: built.record.set, setDigest: built.setDigest,
        fallback: built.record.fallback, isConfirmed: built.isConfirmed,
        trial: Trial(policy: built.policy, started: registry.clock.moment(), attempts: [])), at: at)
    return try transaction.insertHistory(
      kind, generation: built.record.number, previous: view.active, state: .pending, reason: options.reason,
      by: registry.caller, at: at, changes: changes)
  }

  /// Looks again at everything that could have changed since the checks.
  private func recheck(
    _ built: Built, _ view: SwitchView, _ before: SwitchView, _ transaction: Transaction
  ) throws {
    try registry.requireExpected(options.expecting, view, in: transaction)
    guard view.active == before.active else { throw refused("another generation was activated") }
    guard view.generations[built.record.number]?.isComplete == true else {
      throw refused("a version or the new generation was removed or damaged, or couldn't be read,")
    }
    guard options.force || !view.isBlocked(built.record.set) else { throw refused("a version was blocked") }
    guard view.fallback(forNew: built.record.set) == built.record.fallback else {
      throw refused("the generation to fall back to changed, or couldn't be read,")
    }
    for member in built.record.set.sorted {
      guard try transaction.version(member.version)?.isInstalled == true else {
        throw refused("\(member.version) was uninstalled")
      }
    }
  }

  private func refused(_ what: String) -> RegistryError {
    RegistryError(
      .refused, "\(what) meanwhile",
      hint: "look at `modelctl active`, and activate again; the kernel's log tells of a disk that fails")
  }

  /// Whether the index was asked for nothing, or has taken it back. What it couldn't write may be there all the same: SQLite's
  /// log can hold a whole commit whose flush failed, which the next opening believes, and its generation must be there then.
  private func isRefusal(_ error: any Error) -> Bool {
    [.refused, .busy].contains((error as? RegistryError)?.code)
  }

  /// Removes what a refused activation built; what stays goes with the next opening.
  private func discard(_ built: Built, _ index: Index) {
    do {
      guard try index.read({ try $0.generationDigest(built.record.number) }) == nil else { return }
      _ = try generations.remove(built.record.number)
    } catch {
      // Where the index can't tell, nothing is removed.
    }
  }

  // MARK: After the switch

  /// The set is active already: nothing is switched, and `--confirmed` confirms it.
  private func keep(_ active: SwitchView.Generation, _ view: SwitchView) throws -> SwitchResult {
    // Whoever made it active may have died before that was durable.
    if view.conclusion.changesLedger {
      try registry.syncSwitch(to: active.number)
      _ = registry.settleAfterSwitch()
    }
    if options.confirmed { return try registry.confirmActive(active.number) }
    return try registry.result(view, switchNumber: nil, previous: nil, switched: false)
  }

  private func report(
    _ built: Built, _ number: Int64?, _ before: SwitchView, _ earlier: [String]
  ) throws -> SwitchResult {
    var warnings = earlier + registry.settleAfterSwitch()
    let notifier = Notifier(notification: registry.configuration.notify)
    warnings += notifier.notify(
      generation: built.record.number, path: "\(store.path)/\(GenerationStore.linkText(built.record.number))")
    if let probe = registry.configuration.probe {
      let environment = [
        "MODELCTL_GENERATION": "\(built.record.number)",
        "MODELCTL_ACTIVE_PATH": "\(store.path)/\(GenerationStore.linkText(built.record.number))",
      ]
      let outcome = HookRunner().run(probe, environment: environment)
      if let problem = outcome.problem(probe) {
        return try registry.probeFailed(
          built.record.number, outcome.isVerdict ? .probe : .unprobed, problem, warnings)
      }
    }
    if built.needsNoTrial, !built.isConfirmed { _ = try registry.confirmActive(built.record.number) }
    let view = try registry.index().read { try registry.view($0) }
    var result = try registry.result(view, switchNumber: number, previous: before.active, switched: true)
    result.warnings += warnings
    return result
  }
}

extension Digest {
  /// One digest for a set of digests, in order of adapters: equal for equal sets.
  static func sha256(of set: GenerationSet) throws -> Digest {
    try sha256(of: set.sorted.flatMap { Array("\($0.version.adapter.text) ".utf8) + $0.digest.bytes })
  }
}
