import DurableFiles
import RegistryModel

extension Transaction {
  /// Reads the manifests of archives that were attached and not read yet, and writes down what they say. What can't
  /// be read stays unread, and `doctor` names it.
  func readArchives(from blobs: BlobStore) throws {
    for digest in try unreadArchives() {
      guard let manifest = try? ArchiveManifest(parsing: blobs.read(digest)) else { continue }
      try insertArchive(manifest, digest: digest)
    }
  }
}
