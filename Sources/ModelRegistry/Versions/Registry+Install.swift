import DurableFiles
public import RegistryModel

/// What `install` did for one version.
public struct InstallResult: Hashable, Sendable {
  public let version: VersionID
  public let digest: Digest
  public let fetchedBytes: Int64
  public let reusedBytes: Int64
  public let alreadyInstalled: Bool
}

extension Registry {
  /// Builds the version's tree from blobs that are here, each verified first.
  ///
  /// Durable when it returns. A version that is installed and whole is left as it is.
  /// - Throws: `notFound` where bytes are missing here; `integrity` where they are bad.
  public func install(_ reference: Reference) throws(RegistryError) -> InstallResult {
    try install(reference, .unwatched)
  }

  func install(_ reference: Reference, _ meter: ProgressMeter) throws(RegistryError) -> InstallResult {
    try reporting("install \(reference)") {
      let index = try index()
      let record = try resolve(reference)
      let files = try index.read { try $0.files(of: record.id) }
      let isWhole = try self.isWhole(record, files, index, meter)
      if !isWhole {
        let operation = try Operation("install", in: store, waitingAtMost: patience, meter: meter)
        defer { operation.finish() }
        let content = try StoreLock.content.acquire(store, .shared, waitingAtMost: patience)
        defer { content.release() }
        try operation.announce()
        // A restore may have given the version another row meanwhile.
        let record = try resolve(.version(record.version))
        try reinstall(record, index.read { try $0.files(of: record.id) }, operation, index)
        operation.conclude()
      }
      return InstallResult(
        version: record.version, digest: record.digest, fetchedBytes: 0, reusedBytes: record.bytes,
        alreadyInstalled: isWhole)
    }
  }

  /// Verifies the blobs, raises the tree and records it; the caller holds `content` shared.
  func reinstall(
    _ record: VersionRecord, _ files: [Manifest.File], _ operation: Operation, _ index: Index
  ) throws {
    _ = try manifest(of: record)
    try requireRoom(bytes: 0, files: files.count)
    for file in files { try requireGood(file, of: record.version, index, operation.meter) }
    try nameManifest(record.version, record.digest)
    let tree = try raiseTree(files, record.version, operation)
    try index.write { transaction in
      try stamp(tree, files, in: transaction)
      try transaction.setInstalled(record.id, true)
      try transaction.strike(.tree, record.version.description)
      try transaction.audit(
        .install, record.version.description, to: record.digest.description, by: caller, at: clock.now())
    }
  }

  /// The blob is here with the right bytes: by its stamp, or by hashing it now.
  func requireGood(
    _ file: Manifest.File, of version: VersionID, _ index: Index, _ meter: ProgressMeter = .unwatched
  ) throws {
    guard let status = try blobs.status(file.digest), status.kind == .file else {
      throw RegistryError(
        .notFound, "\(file.path.text) of \(version) is not here: blob \(file.digest.short) was collected",
        hint: "publish the same files again")
    }
    if status.size == file.bytes, try index.read({ try $0.isStamped(status, holding: file.digest) }) {
      return
    }
    guard try isGood(file.digest, meter) else {
      try noteDamage([file.digest], index)
      throw BlobStore.bad(file.digest)
    }
  }

  /// Records which installed versions' own trees are bad, and which of those that were are good again.
  func noteTrees(bad: Set<Int64>, good: Set<Int64>, _ index: Index) throws {
    guard !isReadOnly else { return }
    let changes = try index.read { transaction in
      try bad.union(good).sorted().compactMap { id -> VersionRecord? in
        guard let record = try transaction.version(id: id), record.isInstalled else { return nil }
        return record.hasDamagedTree == bad.contains(id) ? nil : record
      }
    }
    guard !changes.isEmpty else { return }
    try index.write { transaction in
      for record in changes {
        try transaction.setTreeDamaged(record.id, bad.contains(record.id))
        try transaction.audit(
          bad.contains(record.id) ? .damage : .repair, record.version.description, by: caller, at: clock.now()
        )
      }
    }
  }

  /// Marks blobs as damaged, so that no version that has them is activated.
  func noteDamage(_ digests: [Digest], _ index: Index) throws {
    guard !isReadOnly, !digests.isEmpty else { return }
    try index.write { transaction in
      for digest in digests where try transaction.blob(digest)?.isDamaged == false {
        try transaction.setDamaged(digest, true)
        try transaction.audit(.damage, digest.description, by: caller, at: clock.now())
      }
    }
  }
}
