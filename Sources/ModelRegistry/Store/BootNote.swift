import DurableFiles
import RegistryModel

/// What the first opening in each boot found out: the target text of the link `locks/checked`, `BOOT INODE`.
///
/// * The last stop may have been a power cut, so SQLite is asked for a quick check once per boot.
/// * The name of the write-ahead log, by its inode, was made durable in this boot, so that SQLite need not sync
///   ROOT before its own first sync (docs/decisions/0006).
///
/// The note itself is not synced: losing it means checking and syncing once more.
struct BootNote {
  private static let name = "checked"
  private static let logName = "registry.db-wal"

  let store: Store

  func check(_ index: Index, bootID: String) throws {
    let log = try store.root.status(Self.logName)
    let note = "\(bootID) \(log?.inode ?? 0)"
    let found = (try? store.locks.readLink(Self.name)) ?? nil
    if found != note {
      if found?.hasPrefix("\(bootID) ") != true { try index.quickCheck() }
      try store.root.sync()
      _ = try? store.locks.remove(Self.name)
      try? store.locks.makeLink(Self.name, to: note)
    }
    // An empty log may be a new one that was given the old one's inode.
    if let log, log.size > 0 { index.trustLogName() }
  }
}
