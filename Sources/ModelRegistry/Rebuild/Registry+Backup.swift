import DurableFiles
public import RegistryModel

/// What a backup holds.
public struct BackupResult: Hashable, Sendable {
  public let bytes: Int64
  public let versions: Int64
  /// The newest record of the audit in it.
  public let head: AuditHead?
}

extension Registry {
  /// Writes a consistent copy of the index to a file: names, lineage, history, audit. The bytes of versions are not in
  /// it, and nothing of `private/`.
  ///
  /// Works while others write. The file is whole and durable when this returns; an earlier backup of that name is
  /// replaced in one step, and any other file is left alone.
  /// - Throws: `refused` where something else has the name.
  @discardableResult
  public func backup(to path: String) throws(RegistryError) -> BackupResult {
    try reporting("back up the index to \(path)", unchanged: "no backup was written") {
      let index = try index()
      let (folder, name) = try BackupFile.split(path)
      if let status = try folder.status(name), status.kind != .file || !Index.isCopy(at: path) {
        throw RegistryError(
          .refused, "\(path.quoted) is there and is no backup of an index", hint: "choose another name")
      }
      // A name of its own, so that what a crash leaves is replaced by the next backup of this name.
      let partial = "\(name).partial"
      try folder.remove(partial)
      do {
        try index.copy(to: "\(folder.path)/\(partial)")
        try folder.syncFile(partial)
        try folder.rename(partial, to: name, in: folder, replacing: true)
        try folder.sync()
      } catch {
        _ = try? folder.remove(partial)
        throw error
      }
      let copy = try Index.open(at: "\(folder.path)/\(name)", readOnly: true)
      defer { try? copy.close() }
      return try copy.read { transaction in
        BackupResult(
          bytes: try folder.status(name)?.size ?? 0, versions: try transaction.totals().versions,
          head: try transaction.auditHead())
      }
    }
  }
}
