import DurableFiles
import RegistryModel

/// Puts good bytes in place of bad ones where a copy is on this machine: a tree entry that doesn't share its blob's
/// inode repairs the blob, and a good blob repairs the trees. What has no good copy stays damaged.
///
/// Order (docs/format.md, W2, W3): the good bytes are staged and synced like any blob's, the bad ones linked into
/// quarantine, and one rename per name replaces them: there is no moment without a file under a name.
struct Repair {
  let registry: Registry
  let index: Index

  private var store: Store { registry.store }

  /// Tries every damage, and returns those that remain and the digests that are good again.
  func run(_ damaged: [Damage]) throws -> (remaining: [Damage], repaired: [Digest]) {
    guard !damaged.isEmpty else { return ([], []) }
    let operation = try Operation("repair", in: store, waitingAtMost: registry.patience)
    defer { operation.finish() }
    let content = try StoreLock.content.acquire(store, .exclusive, waitingAtMost: registry.patience)
    defer { content.release() }
    try operation.announce()
    var remaining: [Damage] = []
    var repaired: [Digest] = []
    for damage in damaged {
      guard try repair(damage, operation) else {
        remaining.append(damage)
        continue
      }
      if let digest = damage.digest, !repaired.contains(digest) { repaired.append(digest) }
    }
    operation.conclude()
    return (remaining, repaired)
  }

  private func repair(_ damage: Damage, _ operation: Operation) throws -> Bool {
    switch damage.kind {
    case .blob:
      guard let digest = damage.digest, let copy = try goodCopy(of: digest) else { return false }
      try putBack(digest, from: copy, operation)
      return true
    case .file:
      return try damage.versions.allSatisfy { try raiseAgain($0, operation) }
    case .link:
      guard let digest = damage.digest, let version = damage.versions.first,
        damage.paths.first?.hasPrefix("manifests/") == true
      else { return false }
      try registry.nameManifest(version, digest)
      return true
    case .generation:
      return false
    }
  }

  /// Makes a version's tree anew from its blobs, where all of them are good.
  private func raiseAgain(_ version: VersionID, _ operation: Operation) throws -> Bool {
    guard let record = try index.read({ try $0.version(version) }), record.isInstalled else { return false }
    if try !record.hasDamagedTree
      && registry.trees.matches(index.read { try $0.files(of: record.id) }, version)
    {
      return true  // raised for another of its files already
    }
    do {
      try registry.reinstall(record, index.read { try $0.files(of: record.id) }, operation, index)
      return true
    } catch let error as RegistryError where error.code == .integrity || error.code == .notFound {
      return false
    }
  }

  /// A tree entry that holds the blob's bytes in an inode of its own.
  private func goodCopy(of digest: Digest) throws -> ReadableFile? {
    let bad = try registry.blobs.status(digest)?.inode
    for holder in try index.read({ try $0.versions(with: digest) }) where holder.isInstalled {
      guard let tree = try? store.versions.directory(holder.version.description) else { continue }
      for file in try index.read({ try $0.files(of: holder.id) }) where file.digest == digest {
        guard let status = try TreeStore.entry(file.path, in: tree), status.kind == .file, status.inode != bad
        else {
          continue
        }
        let copy = try tree.openFile(file.path.text, direct: true)
        if try Hashing.digest(of: copy).digest == digest { return try tree.openFile(file.path.text) }
      }
    }
    return nil
  }

  private func putBack(_ digest: Digest, from copy: ReadableFile, _ operation: Operation) throws {
    let staged = try registry.blobs.stage(copy, candidates: [], in: operation) { _ in }
    guard staged.digest == digest else { throw BlobStore.bad(digest) }
    try registry.nameBlobs([staged], from: operation, index)
  }
}
