import DurableFiles
public import RegistryModel

/// What gc takes beyond what nothing needs.
public struct CollectionPolicy: Hashable, Sendable {
  /// Uninstall all but the newest so many versions of each adapter; nil: none for their number.
  public var keep: Int?
  /// Uninstall only versions created longer ago than this, in milliseconds; alone: all of those.
  public var olderThanMilliseconds: Int64?

  public init(keep: Int? = nil, olderThanMilliseconds: Int64? = nil) {
    self.keep = keep
    self.olderThanMilliseconds = olderThanMilliseconds
  }
}

/// What gc removed, or would remove.
public struct CollectionResult: Hashable, Sendable {
  public var removedVersions: [VersionID] = []
  public var removedBlobs: [Digest] = []
  public var removedGenerations: [Int] = []
  public var freedBytes: Int64 = 0
  /// Versions that the policy names and protection keeps, with the reason.
  public var kept: [VersionID: String] = [:]
}

extension Registry {
  /// How many generations stay for `rollback --to`, beside the protected ones.
  static let generationsKept = 100
  static let quarantineBytes: Int64 = 64 << 20

  /// Removes what nothing needs: bytes of uninstalled versions, old generations, leftovers.
  ///
  /// Where a quota is configured and the bytes are near it, versions are uninstalled, the oldest first, until they
  /// are not. Protected versions stay, and the result says what protects them. Names go first and bytes last; killed at
  /// any point, the next opening or gc finishes it.
  public func collect(
    _ policy: CollectionPolicy = CollectionPolicy(), dryRun: Bool = false
  ) throws(RegistryError) -> CollectionResult {
    try reporting("collect") {
      let index = try index()
      let content = try StoreLock.content.acquire(store, .exclusive, waitingAtMost: patience)
      defer { content.release() }
      try store.root.sync()
      if dryRun { return try index.rehearse { try plan(policy, $0) } }
      try finishEarlierTombstones(index)
      let result = try withReserve {
        try index.write { transaction in
          try transaction.overtakeFailedCommit()
          return try plan(policy, transaction)
        }
      }
      try afterwards("finish collecting", standing: "what goes is decided, and the next opening removes it") {
        _ = try removeOrphans(index)
        try finishTombstones(index)
        try trimQuarantine()
        try sweepTransfers(index)
      }
      return result
    }
  }

  /// Decides and writes down what goes, in one transaction.
  private func plan(_ policy: CollectionPolicy, _ transaction: Transaction) throws -> CollectionResult {
    var result = CollectionResult()
    let view = try view(transaction)
    let protection = try Protection(self, view)
    for record in try candidates(policy, transaction) {
      if let reason = try protection.reason(for: record, in: transaction) {
        result.kept[record.version] = reason
      } else {
        try uninstall(record, transaction, &result)
      }
    }
    var next: Digest?
    repeat {
      let page = try transaction.unneededBlobs(after: next, limit: 1000)
      for blob in page.blobs { try drop(blob, transaction, &result) }
      next = page.next
    } while next != nil
    if let cache = configuration.cache { try shrink(to: cache, protection, transaction, &result) }
    for number in try obsoleteGenerations(view, protection, transaction) {
      try transaction.bury(.generation, "\(number)")
      result.removedGenerations.append(number)
    }
    let isNothing =
      result.removedVersions.isEmpty && result.removedBlobs.isEmpty && result.removedGenerations.isEmpty
    if !isNothing {
      try transaction.audit(
        .collect, "store",
        to: "\(result.removedVersions.count) versions, \(result.removedBlobs.count) blobs, "
          + "\(result.freedBytes) bytes", by: caller, at: clock.now())
    }
    return result
  }

  /// Uninstalls what was made first until the store is within its quota again, and frees its bytes.
  private func shrink(
    to cache: CachePolicy, _ protection: Protection, _ transaction: Transaction,
    _ result: inout CollectionResult
  ) throws {
    var last: VersionRecord?
    var bytes = try transaction.totals().bytes
    guard cache.isFull(bytes) else { return }
    while let record = try transaction.oldestInstalled(after: last, limit: 1).first {
      last = record
      let age = clock.now().milliseconds - record.createdAt.milliseconds
      guard cache.wants(bytes, ageMilliseconds: age) else { return }
      if let reason = try protection.reason(for: record, in: transaction) {
        result.kept[record.version] = reason
        continue
      }
      try uninstall(record, transaction, &result)
      for digest in try Set(transaction.files(of: record.id).map(\.digest)).sorted() {
        guard let blob = try transaction.blob(digest), try !transaction.isNeeded(digest) else { continue }
        try drop(blob, transaction, &result)
      }
      bytes = try transaction.totals().bytes
    }
  }

  private func uninstall(
    _ record: VersionRecord, _ transaction: Transaction, _ result: inout CollectionResult
  ) throws {
    try transaction.setInstalled(record.id, false)
    try transaction.bury(.tree, record.version.description)
    result.removedVersions.append(record.version)
  }

  private func drop(_ blob: BlobRecord, _ transaction: Transaction, _ result: inout CollectionResult) throws {
    try transaction.deleteBlob(blob.digest)
    try transaction.bury(.blob, blob.digest.hex)
    result.removedBlobs.append(blob.digest)
    result.freedBytes += blob.bytes
  }

  private func candidates(_ policy: CollectionPolicy, _ transaction: Transaction) throws -> [VersionRecord] {
    guard policy.keep != nil || policy.olderThanMilliseconds != nil else { return [] }
    let horizon = policy.olderThanMilliseconds.map { clock.now().milliseconds - $0 }
    let byAdapter = Dictionary(grouping: try transaction.installedVersions(), by: \.version.adapter)
    return byAdapter.values.flatMap { versions in
      versions.sorted { $0.version > $1.version }.dropFirst(policy.keep ?? 0).filter { record in
        horizon.map { record.createdAt.milliseconds < $0 } ?? true
      }
    }.sorted { $0.version < $1.version }
  }

  /// Generations that can't be gone back to any more, or that are beyond the newest hundred. The highest number
  /// stays, so that none is used twice.
  private func obsoleteGenerations(
    _ view: SwitchView, _ protection: Protection, _ transaction: Transaction
  ) throws -> [Int] {
    let numbers = view.generations.keys.sorted(by: >)
    let beyond = Set(numbers.dropFirst(Self.generationsKept))
    return try numbers.dropFirst().filter { number in
      guard protection.generations[number] == nil, let generation = view.generations[number] else {
        return false
      }
      if beyond.contains(number) { return true }
      return try generation.set.sorted.contains { member in
        try transaction.version(member.version)?.isInstalled != true
      }
    }.sorted()
  }

  private func trimQuarantine() throws {
    var total: Int64 = 0
    let kept = try store.quarantine.entries().compactMap { entry in
      try store.quarantine.status(entry.name).map { (entry.name, $0) }
    }.sorted { $0.1.changedNanoseconds > $1.1.changedNanoseconds }
    for (name, status) in kept {
      total += status.size
      if total > Self.quarantineBytes || status.kind != .file { try store.quarantine.removeTree(name) }
    }
  }
}
