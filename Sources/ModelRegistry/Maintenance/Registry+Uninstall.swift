import DurableFiles
public import RegistryModel

/// What `uninstall` did, or would do.
public struct UninstallResult: Hashable, Sendable {
  public let version: VersionID
  /// What the next gc frees.
  public let freeableBytes: Int64
}

extension Registry {
  /// Removes a version's tree; its manifest, name and lineage stay, and its bytes until gc.
  ///
  /// Order (docs/format.md, D1–D4): `fsync` of ROOT, so that protection is read from durable links; the
  /// transaction with a tombstone; then the name, then the files. A crash after the commit is finished by the
  /// next opening.
  /// - Throws: `refused` when the version is protected, naming by what.
  public func uninstall(
    _ reference: Reference, dryRun: Bool = false
  ) throws(RegistryError) -> UninstallResult {
    try reporting("uninstall \(reference)") {
      let index = try index()
      let content = try StoreLock.content.acquire(store, .exclusive, waitingAtMost: patience)
      defer { content.release() }
      try store.root.sync()
      let record = try resolve(reference)
      let decide = { (transaction: Transaction) throws -> UninstallResult in
        let protection = try Protection(self, self.view(transaction))
        if let reason = try protection.reason(for: record, in: transaction) {
          throw RegistryError(
            .refused, "\(record.version) is protected: \(reason)",
            hint:
              "activate and confirm something else, `modelctl unpin` it, set its channel to another version, or "
              + "`modelctl sync`"
          )
        }
        return UninstallResult(
          version: record.version, freeableBytes: try transaction.bytesOnly(in: record.id))
      }
      if dryRun || !record.isInstalled { return try index.read(decide) }
      let result = try index.write { transaction in
        let result = try decide(transaction)
        try transaction.setInstalled(record.id, false)
        try transaction.dequeue(record)
        try transaction.bury(.tree, record.version.description)
        try transaction.audit(
          .uninstall, record.version.description, from: record.digest.description, by: caller, at: clock.now()
        )
        return result
      }
      try afterwards(
        "remove the files of \(record.version)",
        standing: "it is uninstalled, and the next opening removes its files"
      ) { try finishTombstones(index) }
      return result
    }
  }
}
