import DurableFiles
import RegistryModel

/// Puts good bytes in place of bad ones where a copy is on this machine: a tree entry that doesn't share its blob's
/// inode repairs the blob, and a good blob repairs the trees. What has no good copy stays damaged.
///
/// Order (docs/format.md, "Repair"): the good bytes are staged and synced like any blob's, the bad ones linked into
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
    try operation.announce()
    let content = try StoreLock.content.acquire(store, .exclusive, waitingAtMost: registry.patience)
    defer { content.release() }
    var remaining: [Damage] = []
    var repaired: [Digest] = []
    for damage in damaged {
      guard let digest = damage.digest, try repair(damage, digest, operation) else {
        remaining.append(damage)
        continue
      }
      if !repaired.contains(digest) { repaired.append(digest) }
    }
    operation.conclude()
    return (remaining, repaired)
  }

  private func repair(_ damage: Damage, _ digest: Digest, _ operation: Operation) throws -> Bool {
    switch damage.kind {
    case .blob:
      guard let copy = try goodCopy(of: digest) else { return false }
      try putBack(digest, from: copy, operation)
      return true
    case .file:
      guard try isGood(digest) else { return false }
      try registry.repairTrees(digest, from: operation, index)
      return try damage.versions.allSatisfy { version in
        guard let record = try index.read({ try $0.version(version) }) else { return false }
        return try registry.trees.matches(index.read { try $0.files(of: record.id) }, version)
      }
    case .link:
      guard let version = damage.versions.first, damage.paths.first?.hasPrefix("manifests/") == true else {
        return false
      }
      try registry.nameManifest(version, digest)
      return true
    case .generation:
      return false
    }
  }

  private func isGood(_ digest: Digest) throws -> Bool {
    guard let file = try? registry.blobs.open(digest, direct: true) else { return false }
    return try Hashing.digest(of: file).digest == digest
  }

  /// A tree entry that holds the blob's bytes in an inode of its own.
  private func goodCopy(of digest: Digest) throws -> ReadableFile? {
    let bad = try registry.blobs.status(digest)?.inode
    for holder in try index.read({ try $0.versions(with: digest) }) where holder.isInstalled {
      guard let tree = try? store.versions.directory(holder.version.description) else { continue }
      for file in try index.read({ try $0.files(of: holder.id) }) where file.digest == digest {
        guard let status = try tree.status(file.path.text), status.kind == .file, status.inode != bad else {
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
