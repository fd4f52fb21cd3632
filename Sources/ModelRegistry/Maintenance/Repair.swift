import DurableFiles
import RegistryModel

/// Puts good bytes in place of bad ones: a tree entry that doesn't share its blob's inode repairs the blob, else the remote
/// does, where one is set; and a good blob repairs the trees. What has no good copy stays damaged.
///
/// Order (docs/format.md, W2, W3): the good bytes are staged and synced like any blob's, the bad ones linked into
/// quarantine, and one rename per name replaces them: there is no moment without a file under a name.
struct Repair {
  let registry: Registry
  let index: Index
  let meter: ProgressMeter

  private var store: Store { registry.store }

  /// Tries every damage, and returns those that remain and the digests that are good again.
  /// What the remote couldn't help with is told in `warnings`.
  func run(_ damaged: [Damage]) throws -> (remaining: [Damage], repaired: [Digest], warnings: [String]) {
    guard !damaged.isEmpty else { return ([], [], []) }
    let operation = try Operation(
      "repair", in: store, waitingAtMost: registry.patience, meter: meter)
    defer { operation.finish() }
    // Before the lock, which nobody holds while a network makes him wait.
    let (fetched, warnings) = try fetch(damaged, operation)
    let content = try StoreLock.content.acquire(store, .exclusive, waitingAtMost: registry.patience)
    defer { content.release() }
    try operation.announce()
    var remaining: [Damage] = []
    var repaired: [Digest] = []
    for damage in damaged {
      try meter.check()
      guard try repair(damage, fetched, operation) else {
        remaining.append(damage)
        continue
      }
      if let digest = damage.digest, !repaired.contains(digest) { repaired.append(digest) }
    }
    operation.conclude()
    registry.forgetTransfers(Array(fetched.values), index)
    return (remaining, repaired, warnings)
  }

  /// Brings blobs that have no good copy here from the remote. Damage is a result and no error, and so is a remote that
  /// can't be reached.
  private func fetch(
    _ damaged: [Damage], _ operation: Operation
  ) throws -> (fetched: [Digest: StagedBlob], warnings: [String]) {
    let uri: RemoteURI
    do {
      guard let place = try RemotePlace(store: store).read() else { return ([:], []) }
      uri = place
    } catch let error as RegistryError {
      return ([:], ["the remote can't help: \(error.message); \(error.hint)"])
    }
    var wanted: [Digest: Int64] = [:]
    for digest in damaged.filter({ $0.kind == .blob }).compactMap(\.digest)
    where try goodCopy(of: digest) == nil {
      wanted[digest] = try index.read { try $0.blob(digest)?.bytes }
    }
    guard !wanted.isEmpty else { return ([:], []) }
    var fetched: [Digest: StagedBlob] = [:]
    var warnings: [String] = []
    do {
      try meter.begin(wanted.reduce(0) { $0 + $1.value })
      let fetch = Fetch(
        registry: registry, index: index, remote: try registry.openRemote(uri, meter), operation: operation)
      for (digest, bytes) in wanted.sorted(by: { $0.key < $1.key }) {
        do {
          fetched[digest] = try fetch.blob(digest, bytes)
        } catch let error as RegistryError where error.code == .notFound || error.code == .integrity {
          warnings.append("\(error.message); \(error.hint)")
        }
      }
    } catch let error as RegistryError where error.code != .cancelled {
      warnings.append("the remote can't help: \(error.message); \(error.hint)")
    }
    return (fetched, warnings)
  }

  private func repair(
    _ damage: Damage, _ fetched: [Digest: StagedBlob], _ operation: Operation
  ) throws -> Bool {
    switch damage.kind {
    case .blob:
      guard let digest = damage.digest else { return false }
      if let copy = try goodCopy(of: digest) {
        try putBack(digest, from: copy, operation)
      } else if let staged = fetched[digest] {
        try registry.nameBlobs([staged], from: operation, index)
        try index.write { try registry.recordBlobs([staged], in: $0) }
      } else {
        return false
      }
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
        if try Hashing.agrees(copy, digest, meter) { return try tree.openFile(file.path.text) }
      }
    }
    return nil
  }

  private func putBack(_ digest: Digest, from copy: ReadableFile, _ operation: Operation) throws {
    let staged = try registry.blobs.stage(copy, candidates: [], in: operation) { _ in
      try meter.check()
    }
    guard staged.digest == digest else { throw BlobStore.bad(digest) }
    try registry.nameBlobs([staged], from: operation, index)
  }
}
