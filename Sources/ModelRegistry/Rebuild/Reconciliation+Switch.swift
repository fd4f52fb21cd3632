import DurableFiles
import RegistryModel

/// What the folders under `generations/` and the link say of the switch. The caller holds `switch`, too.
extension Reconciliation {
  /// Adds rows for generations that have a folder and no row, and makes the head name what the link names.
  ///
  /// Without a row the folder tells: confirmed is what has no `trial` link; left is what a rollback consumed the link
  /// `back` of; a folder that still has its `forward` and that nothing falls back to was never reached. A trial has no
  /// attempts left, as nobody knows how many were spent.
  mutating func addGenerations() throws {
    let active = try generations.activeNumber()
    var found: [GenerationRecord] = []
    for number in try generations.numbers() {
      do {
        // An activation that was killed, or a rollback, may not have flushed its links.
        try generations.makeLinksDurable(number)
        found.append(try generations.record(number))
      } catch let error as RegistryError {
        problem("generation \(number) can't come back: \(error.message)")
      }
    }
    let fallbacks = Set(found.compactMap(\.fallback))
    let chain = chain(from: active, found)
    for record in found where try index.read({ try $0.generationDigest(record.number) }) == nil {
      let isReached = record.number == active || fallbacks.contains(record.number)
      try add(
        record, isActive: record.number == active, isReached: isReached,
        isOnChain: chain.contains(record.number))
    }
    for record in found {
      try follow(record, isActive: record.number == active, isOnChain: chain.contains(record.number))
    }
    try follow(active)
  }

  /// What a rollback from the active generation may go to, one behind the other.
  private func chain(from active: Int?, _ found: [GenerationRecord]) -> Set<Int> {
    let fallbacks = Dictionary(uniqueKeysWithValues: found.map { ($0.number, $0.fallback) })
    var chain: Set<Int> = []
    var next = active.flatMap { fallbacks[$0] ?? nil }
    while let number = next, chain.insert(number).inserted { next = fallbacks[number] ?? nil }
    return chain
  }

  private func has(_ name: String, _ record: GenerationRecord) throws -> Bool {
    try store.generations.status("\(record.number)/\(name)") != nil
  }

  /// Whether a rollback left it: that consumed its link `back`. What the active generation falls back to was not left,
  /// whatever became of its own link.
  private func wasLeft(_ record: GenerationRecord, isActive: Bool, isOnChain: Bool) throws -> Bool {
    guard !isActive, !isOnChain, record.fallback != nil else { return false }
    return try !has(GenerationStore.backName, record)
  }

  /// A row that is older than its folder follows it: a confirmation takes `trial` away, a rollback consumes `back`, and
  /// how many boots a trial had since nobody knows.
  private func follow(_ record: GenerationRecord, isActive: Bool, isOnChain: Bool) throws {
    let isOnTrial = try has(GenerationStore.trialName, record)
    let wasLeft = try wasLeft(record, isActive: isActive, isOnChain: isOnChain)
    try index.write { transaction in
      guard let row = try transaction.ledger(from: record.number).rows[record.number],
        row.state == .active || row.state == .left
      else { return }
      if !isOnTrial, !row.isConfirmed { try transaction.setConfirmed(record.number) }
      if isOnTrial, !row.isConfirmed { try transaction.forgetAttempts(of: record.number) }
      if wasLeft, row.state == .active { try transaction.setState(record.number, .left) }
    }
  }

  private mutating func add(
    _ record: GenerationRecord, isActive: Bool, isReached: Bool, isOnChain: Bool
  ) throws {
    let folder = "\(record.number)"
    let isConfirmed = try !has(GenerationStore.trialName, record)
    let state: SwitchView.RowState =
      if isActive {
        .active
      } else if try !isReached && has(GenerationStore.forwardName, record) {
        .abandoned
      } else if try wasLeft(record, isActive: isActive, isOnChain: isOnChain) {
        .left
      } else {
        .active
      }
    let bytes = try store.generations.readSmallFile("\(folder)/\(GenerationStore.recordName)", limit: 4 << 20)
    let generation = NewGeneration(
      number: record.number, digest: try Digest.sha256(of: bytes), set: record.set,
      setDigest: try Digest.sha256(of: record.set), fallback: record.fallback, isConfirmed: isConfirmed,
      trial: Trial(
        policy: record.trial ?? .standard,
        started: Trial.Moment(bootID: Trial.Moment.unknownBoot, uptimeMilliseconds: 0), attempts: nil))
    try index.write { transaction in
      try transaction.insertGeneration(generation, at: record.at)
      try transaction.setState(record.number, state)
      try transaction.forgetAttempts(of: record.number)
    }
    result.added += 1
    result.generations += 1
    if isActive, !isConfirmed {
      result.lost.append(
        "how many boots the trial of generation \(record.number) had: the next boot reverts it, and blocks nothing"
      )
    }
  }

  /// The index follows the link. What the history doesn't have is recorded as found.
  private func follow(_ active: Int?) throws {
    let known = active == GenerationStore.nowhere ? nil : active
    try index.write { transaction in
      let before = try transaction.ledger(from: Int.max).link
      guard let known, before != known, try transaction.generationDigest(known) != nil else { return }
      let old = try before.map { try transaction.set(of: $0) } ?? GenerationSet()
      let new = try transaction.set(of: known)
      try transaction.setLink(known)
      try transaction.setState(known, .active)
      try transaction.insertHistory(
        .recovered, generation: known, previous: before, state: .done,
        reason: "found active when the index was made again", by: options.caller, at: options.clock.now(),
        changes: HistoryChange.between(old, new))
    }
  }

  // MARK: The audit

  /// Begins, or goes on with, the audit by a record that says what happened. It follows the newest record that any
  /// generation names, so that the chain holds on to what it can.
  mutating func record(_ kind: AuditRecord.Kind, reason: String?) throws {
    let heads = try generations.numbers().compactMap { (try? generations.record($0))?.audit }
    let newest = heads.max { $0.seq < $1.seq }
    result.head = try index.write { transaction in
      let own = try transaction.auditHead()
      let follows = newest.map { $0.seq > own?.seq ?? 0 } == true ? newest : own
      try transaction.audit(
        kind, "index", to: "\(result.added) added", reason: reason, by: options.caller,
        at: options.clock.now(),
        following: follows)
      return try transaction.auditHead()
    }
    let totals = try index.read { try $0.totals() }
    result.versions = totals.versions
    result.installed = totals.installed
    guard let head = result.head, result.base != .index, let newest, newest.seq == head.seq - 1 else {
      return
    }
    result.lost.append("audit records up to \(newest.seq) that this index doesn't hold, and those after it")
  }
}
