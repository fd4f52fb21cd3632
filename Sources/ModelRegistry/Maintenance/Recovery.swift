import DurableFiles
import RegistryModel

/// What every opening of a store does first: it finishes what was interrupted.
///
/// Order (docs/format.md, V2–V6): `fsync` of ROOT, so that only what is durable is recorded; the rows; the trial
/// mark; the prepared link; then what is left over, and last the folders that told of it. The index follows the
/// link, never the other way round.
/// Every step may be interrupted and is repeated by the next opening. What another process holds is left to it.
extension Registry {
  func recover() throws {
    guard let index = indexIfReadable else { return }
    let remains = try Remains(in: store)
    if try !index.read({ try view($0) }).conclusion.isEmpty { try settle(index) }
    let hasTombstones = try index.read { try !$0.tombstones().isEmpty }
    let hasOrphans = try !index.read({ try view($0) }).orphans.isEmpty
    if !remains.isEmpty || hasTombstones || hasOrphans {
      if try removeLeftovers(index, remains) { try remains.remove() }
    }
    try readAttachedArchives(index)
    try settleTokens(index)
    if !store.reserve.isArmed { try store.reserve.arm(Store.reserveBytes) }
  }

  /// Reads manifests of archives that were attached under an older schema.
  private func readAttachedArchives(_ index: Index) throws {
    let readable = try index.read { try $0.unreadArchives() }.filter { digest in
      (try? ArchiveManifest(parsing: blobs.read(digest))) != nil
    }
    guard !readable.isEmpty else { return }
    try withReserve { try index.write { try $0.readArchives(from: blobs) } }
  }

  /// Everything that the rules look at, read within `transaction`.
  func view(_ transaction: Transaction) throws -> SwitchView {
    let lowest = try generations.numbers().first ?? Int.max
    return try generations.view(
      ledger: transaction.ledger(from: lowest), blocked: marks.blocked(), isWhole: wholeness(transaction))
  }

  /// What the index knows of a version: installed under this digest, and not damaged.
  private func wholeness(_ transaction: Transaction) throws -> (GenerationSet.Member) throws -> Bool {
    let damaged = try transaction.damagedVersions()
    return { member in
      guard !damaged.contains(member.digest), let record = try transaction.version(member.version) else {
        return false
      }
      return record.isInstalled && record.digest == member.digest
    }
  }

  private func settle(_ index: Index) throws {
    guard let lock = try StoreLock.switch.tryAcquire(store, .exclusive) else { return }
    defer { lock.release() }
    try store.root.sync()
    let conclusion = try index.read { try view($0) }.conclusion
    if conclusion.changesLedger {
      try withReserve {
        try index.write { transaction in try record(try view(transaction), in: transaction) }
      }
    }
    if let number = conclusion.staleMark { try generations.removeTrialMark(number) }
    if let arming = try index.read({ try view($0) }).conclusion.arming { try arm(arming) }
  }

  /// Makes the ledger follow the link, within a transaction of whoever holds `switch`.
  func record(_ view: SwitchView, in transaction: Transaction) throws {
    guard let ledger = view.ledger else { return }
    let conclusion = view.conclusion
    guard conclusion.changesLedger else { return }
    for (number, state) in conclusion.states.sorted(by: { $0.key < $1.key }) {
      try transaction.setState(number, state)
      guard ledger.rows[number]?.state == .pending else { continue }
      try transaction.endPending(number, state == .abandoned ? .abandoned : .done)
      if state == .abandoned {
        try transaction.audit(
          .recover, "generation \(number)", reason: "the link never reached it", by: caller, at: clock.now())
      } else if state == .left {
        try recordUnseenMove(from: number, view, transaction)
      }
    }
    if conclusion.linkMoved {
      let reached = view.active.map { ledger.rows[$0]?.state == .pending } ?? false
      if !reached { try recordUnseenMove(from: ledger.link, view, transaction) }
      try transaction.setLink(view.active)
    }
  }

  private func recordUnseenMove(from left: Int?, _ view: SwitchView, _ transaction: Transaction) throws {
    let before = left.flatMap { view.ledger?.rows[$0]?.set } ?? GenerationSet()
    let after = view.activeGeneration?.set ?? GenerationSet()
    let at = try transaction.audit(
      .recover, "active", from: left.map { "\($0)" }, to: view.active.map { "\($0)" },
      reason: "the link had moved without a record", by: caller, at: clock.now())
    try transaction.insertHistory(
      .recovered, generation: view.active, previous: left, state: .done,
      reason: RevertReason.unknown.rawValue,
      by: caller, at: at, changes: HistoryChange.between(before, after))
  }

  /// Arms a prepared link where there is room; a full disk leaves it to a later opening.
  func arm(_ arming: SwitchView.Arming) throws {
    do {
      try generations.arm(arming)
    } catch let error as FileError where error.isNoSpace {}
  }
}
