@testable import ModelRegistry
import RegistryModel

extension StoreInvariants {
  /// I23: an archive of episodes that is to be sent is whole, and of those that aren't sent all are there.
  func checkOutgoing(_ rows: StoreRows?) -> [String] {
    Disk.outgoing(root).compactMap { name, manifest, archive in
      guard let manifest else { return "private/episodes/\(name).json is no manifest" }
      guard let archive else {
        // Once they are sent both go, and either may be gone first. Without an index nobody knows that.
        guard let rows, !rows.uploads.contains(manifest.archive) else { return nil }
        return "private/episodes/\(name).json tells of an archive that is neither here nor sent"
      }
      return archive == manifest.archive
        ? nil : "private/episodes/\(name).zip doesn't have the bytes that its manifest tells of"
    }
  }
}

extension Disk {
  /// What is packed and told of by a manifest: the archive's digest is nil where there is none, the manifest where it is none.
  static func outgoing(_ root: String) -> [(name: String, manifest: ArchiveManifest?, archive: Digest?)] {
    let folder = "\(root)/private/episodes"
    return names(folder).filter { $0.hasSuffix(".json") }.map { file in
      let name = String(file.dropLast(".json".count))
      let manifest = bytes("\(folder)/\(file)").flatMap { try? ArchiveManifest(parsing: $0) }
      return (name, manifest, bytes("\(folder)/\(name).zip").flatMap { try? Digest.sha256(of: $0) })
    }
  }
}
