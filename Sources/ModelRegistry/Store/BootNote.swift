import DurableFiles
import RegistryModel

/// Which boot last checked the index: the target text of the link `locks/checked`.
///
/// The last stop may have been a power cut, so SQLite is asked for a quick check once per boot. The note is
/// advisory and not synced: losing it means checking once more.
struct BootNote {
  private static let name = "checked"

  let store: Store

  func checkOncePerBoot(_ index: Index, bootID: String) throws {
    guard ((try? store.locks.readLink(Self.name)) ?? nil) != bootID else { return }
    try index.quickCheck()
    _ = try? store.locks.remove(Self.name)
    try? store.locks.makeLink(Self.name, to: bootID)
  }
}
