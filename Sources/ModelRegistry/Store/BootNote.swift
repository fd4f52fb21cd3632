import DurableFiles
import RegistryModel

/// Which boot last checked the index: the target text of the link `locks/checked`.
struct BootNote {
  private static let name = "checked"

  let store: Store

  var bootID: String? { (try? store.locks.readLink(Self.name)) ?? nil }

  func write(_ bootID: String) {
    _ = try? store.locks.remove(Self.name)
    try? store.locks.makeLink(Self.name, to: bootID)
  }
}
