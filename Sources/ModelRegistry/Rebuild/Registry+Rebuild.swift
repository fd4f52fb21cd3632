import DurableFiles
public import RegistryModel

extension Registry {
  /// Makes the index again from the files beside it: manifests, versions, generations, links and marks.
  ///
  /// An index that can be read is completed in its place, and keeps its audit, history and attempts; one that is lost
  /// is made anew, and what only it knew is in the result's `lost`. Moves no link and no byte of a version. Durable
  /// when it returns (docs/format.md, X1–X5); interrupted, it is run again.
  /// - Throws: `busy` when the index is lost and a process still has it open; `refused` for a newer schema.
  public static func rebuild(
    _ root: String, _ options: OpenOptions = OpenOptions()
  ) throws(RegistryError) -> RebuildResult {
    try reporting("rebuild the index of \(root)", unchanged: Index.filesAreSafe) {
      try run(root, options, backup: nil)
    }
  }

  /// Puts a backup in the index's place and completes it from the files beside it: versions, generations, channels and
  /// evaluations that came after the backup are there afterwards. What the index knew since and the files don't say,
  /// the audit above all, is gone.
  ///
  /// Durable when it returns (docs/format.md, X1–X5).
  /// - Parameter force: also in the place of a sound index, whose record since the backup is lost by that.
  /// - Throws: `refused` where the index is sound and not forced; `notFound` and `integrity` where `path` is no backup;
  ///   `busy` and `refused` as ``rebuild(_:_:)``.
  public static func restore(
    _ root: String, from path: String, force: Bool = false, _ options: OpenOptions = OpenOptions()
  ) throws(RegistryError) -> RebuildResult {
    try reporting("restore the index of \(root)", unchanged: Index.filesAreSafe) {
      try run(root, options, backup: path, force: force)
    }
  }

  /// The new index is opened at once, so that what was interrupted is finished by it.
  private static func run(
    _ root: String, _ options: OpenOptions, backup: String?, force: Bool = false
  ) throws -> RebuildResult {
    // What was interrupted is finished first: a rebuild must not make true what nobody acknowledged.
    if backup == nil { _ = try? open(root, options) }
    let result = try IndexRebuild(store: find(root), options: options).run(backup: backup, force: force)
    try afterwards("finish", standing: "the index is made") { _ = try open(root, options) }
    return result
  }
}

/// One run of rebuild or restore.
struct IndexRebuild {
  private static let scratchName = "index.db"

  let store: Store
  let options: OpenOptions

  private var patience: Int64 { options.configuration.waitMilliseconds }

  func run(backup: String?, force: Bool) throws -> RebuildResult {
    try store.requireOwner()
    var live = try usableIndex()
    if let live, backup != nil, !force { try requireUnsound(live) }
    // A lost index is replaced as a file: whoever still has it open must not go on with the old one.
    let open = try StoreLock.open.acquire(store, live == nil ? .exclusive : .shared, waitingAtMost: patience)
    defer { open.release() }
    // Somebody else may have made it while this process waited.
    if live == nil {
      live = try usableIndex()
      if let live, backup != nil, !force { try requireUnsound(live) }
    }
    let operation = try Operation("rebuild", in: store, waitingAtMost: patience)
    defer { operation.finish() }
    let content = try StoreLock.content.acquire(store, .exclusive, waitingAtMost: patience)
    defer { content.release() }
    let names = try StoreLock.names.acquire(store, .exclusive, waitingAtMost: patience)
    defer { names.release() }
    if let live, backup == nil { return try complete(live) }
    return try replace(live, backup, operation)
  }

  /// A backup takes the record since it away: not from an index that has all that the store speaks of.
  private func requireUnsound(_ live: Index) throws {
    guard try isCurrent(live) else { return }
    throw RegistryError(
      .refused, "the index of \(store.path) is sound, and its record since the backup would be lost",
      unchanged: "nothing was changed", hint: "`modelctl rebuild` completes it, or restore with --force")
  }

  /// Whether the index knows of everything that the generations were made after.
  private func isCurrent(_ live: Index) throws -> Bool {
    do {
      try GenerationStore(store: store).requireCurrent(live)
      return true
    } catch let error as RegistryError where error.code == .integrity {
      return false
    }
  }

  /// The index that is there, where it is one: not missing, damaged or of something else.
  private func usableIndex() throws -> Index? {
    do {
      let index = try Index.open(at: store.indexPath, readOnly: false)
      try index.quickCheck()
      guard try index.read({ try $0.auditHead() }) != nil else { return nil }
      return try isOfAnotherRecord(index) ? nil : index
    } catch let error as RegistryError where error.code == .integrity {
      return nil
    }
  }

  /// Whether the index holds another record where a generation names one: then it is of another store, or of a time
  /// before the record was begun again, and nothing can be appended to it that would be believed.
  private func isOfAnotherRecord(_ index: Index) throws -> Bool {
    let generations = GenerationStore(store: store)
    let heads = try generations.numbers().compactMap { (try? generations.record($0))?.audit }
    return try index.read { transaction in
      try heads.contains { head in
        try transaction.auditDigest(seq: head.seq).map { $0 != head.digest } ?? false
      }
    }
  }

  private func complete(_ live: Index) throws -> RebuildResult {
    var work = Reconciliation(store: store, index: live, options: options, base: .index)
    try work.content()
    let lock = try StoreLock.switch.acquire(store, .exclusive, waitingAtMost: patience)
    defer { lock.release() }
    try store.root.sync()
    if try !isCurrent(live) { try work.addGenerations() }
    try work.record(.rebuild, reason: nil)
    return work.result
  }

  private func replace(_ live: Index?, _ backup: String?, _ operation: Operation) throws -> RebuildResult {
    let path = "\(operation.folder.path)/\(Self.scratchName)"
    if let backup { try BackupFile.copy(backup, to: path) }
    let scratch = try Index.scratch(at: path, creating: backup == nil)
    if let backup, try isOfAnotherRecord(scratch) {
      throw RegistryError(
        .refused,
        "\(backup.quoted) is a backup of another record: generations here were made after other entries",
        unchanged: Index.filesAreSafe,
        hint: "use a backup of this store that was made later, or `modelctl rebuild`")
    }
    var work = Reconciliation(
      store: store, index: scratch, options: options, base: backup == nil ? .nothing : .backup)
    try work.content()
    let lock = try StoreLock.switch.acquire(store, .exclusive, waitingAtMost: patience)
    defer { lock.release() }
    try store.root.sync()
    try work.addGenerations()
    try work.record(backup == nil ? .rebuild : .restore, reason: backup.map { "from \($0)" })
    if backup == nil {
      work.result.lost.insert(
        "the history of switches, jobs that were kept only here, and what waited to be sent", at: 0)
    }
    if let live {
      try IndexReplacement(store: store).replace(live, by: scratch)
      try scratch.close()
    } else {
      try scratch.close()
      try IndexReplacement(store: store).place(Self.scratchName, from: operation)
    }
    return work.result
  }
}
