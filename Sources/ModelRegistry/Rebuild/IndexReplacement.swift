import DurableFiles
import RegistryModel

/// Puts an index that was made in `staging/` in the place of the live one.
///
/// Order (docs/format.md, X4): where the live file is a database, its content is replaced in one transaction, and
/// whoever has it open goes on. Where it is none, nobody may have it open: it goes to quarantine, and only then its log and
/// shared memory, as without its log it would be an older index that is believed; and as the log would be applied to the
/// new file, that gets the name last, durable. A crash in between leaves a store without an index, which is what it was.
struct IndexReplacement {
  private static let name = "registry.db"

  let store: Store

  func replace(_ live: Index, by index: Index) throws {
    try live.replaceContent(with: index)
  }

  /// Renames `file` of the operation's folder; the caller holds `open` exclusively.
  func place(_ file: String, from operation: Operation) throws {
    // Its present name needn't be durable: the rename gives it the one that must be.
    try operation.folder.syncFile(file)
    let mark = String(UInt64.random(in: 0...UInt64.max), radix: 36)
    for name in [Self.name, "\(Self.name)-wal", "\(Self.name)-shm"] where try store.root.status(name) != nil {
      try store.root.rename(name, to: "\(name)-\(mark)", in: store.quarantine, replacing: false)
      if name == Self.name { try store.root.sync() }
    }
    try store.root.sync()
    try operation.folder.rename(file, to: Self.name, in: store.root, replacing: false)
    try store.root.sync()
  }
}
