import DurableFiles
import RegistryModel

/// Brings blobs from a remote into an operation's folder, checked, durable and nameless.
///
/// Order (docs/format.md, "Remote"): bytes grow under `private/transfers/HEX`, whose lock keeps other processes away; whole
/// and of the right digest they are flushed, and linked into the operation's folder, from where they get their name like
/// any staged blob; the first name goes when the version has its row. A crash leaves the file as long as it got: whoever
/// comes next reads what is there, and goes on behind it. What is there is only believed at the end, when the digest of
/// all bytes is the blob's. A file that has other names is a blob by now, and is never written to.
struct Fetch: Sendable {
  /// Transfers at once.
  static let streams = 4

  let registry: Registry
  let index: Index
  let remote: any ObjectStore
  let operation: Operation

  private var meter: ProgressMeter { operation.meter }

  /// - Throws: `notFound` where the remote has no such blob, `integrity` where its bytes aren't what the digest says.
  func blob(_ digest: Digest, _ bytes: Int64) throws -> StagedBlob {
    if try registry.hasGood(digest, bytes, index, meter) {
      try meter.add(bytes)
      return StagedBlob(digest: digest, bytes: bytes, isReused: true)
    }
    let info = try known(digest, bytes)
    let folder = try registry.store.privateFolder("transfers")
    let lock = try FileLock.acquire(
      "\(digest.hex).lock", in: folder, .exclusive, waitingAtMost: registry.patience)
    guard let lock else {
      throw RegistryError(
        .busy, "another process fetches blob \(digest.short)", hint: "try again, or wait longer with --wait")
    }
    defer {
      _ = try? folder.remove("\(digest.hex).lock")
      lock.release()
    }
    // Somebody else may have brought it while the lock was waited for.
    if try registry.hasGood(digest, bytes, index, meter) {
      return StagedBlob(digest: digest, bytes: bytes, isReused: true)
    }
    let file = try open(digest, in: folder)
    try Reception(registry: registry, remote: remote, meter: meter, label: "blob \(digest.short)")
      .complete(file, with: info, digest)
    do {
      try file.finish(mode: 0o444)
    } catch {
      // I17: what a flush failed for is not taken up again, and would look whole to the next fetch.
      _ = try? folder.remove(digest.hex)
      throw error
    }
    try operation.folder.remove(digest.hex)
    do {
      try folder.hardLink(digest.hex, as: digest.hex, in: operation.folder)
    } catch {
      guard error.isLinkRefusal else { throw error }
      try folder.rename(digest.hex, to: digest.hex, in: operation.folder, replacing: false)
    }
    return StagedBlob(digest: digest, bytes: bytes, isReused: false)
  }

  private func open(_ digest: Digest, in folder: Directory) throws -> GrowingFile {
    if let left = try folder.status(digest.hex) {
      if left.kind != .file || left.linkCount > 1 {
        try folder.removeTree(digest.hex)
      } else if left.mode & 0o200 == 0 {
        try folder.setMode(digest.hex, 0o600)  // whole, and its operation died before it had a name
      }
    }
    return try GrowingFile.open(digest.hex, in: folder)
  }

  private func known(_ digest: Digest, _ bytes: Int64) throws -> ObjectInfo {
    guard let info = try remote.info(RemoteLayout.blob(digest)) else {
      throw RegistryError(
        .notFound, "blob \(digest.short) is not in \(remote.uri)",
        hint: "push the version again from where it was made")
    }
    guard info.bytes == bytes else {
      throw RegistryError(
        .integrity,
        "blob \(digest.short) has \(info.bytes) bytes in \(remote.uri), and the manifest says \(bytes)",
        hint: "remove the object there, and push the version again from where it was made")
    }
    return info
  }
}

extension Registry {
  /// Takes away the first names of blobs that have their rows now. That changes their inodes, so they are stamped again.
  ///
  /// Best effort: what stays is swept by `gc`, and a stamp that doesn't hold costs a reading.
  func forgetTransfers(_ staged: [StagedBlob], _ index: Index) {
    guard let folder = try? store.privateFolder("transfers") else { return }
    let gone = staged.filter { !$0.isReused && (try? forget($0.digest, in: folder)) == true }
    guard !gone.isEmpty else { return }
    try? index.write { transaction in
      for blob in gone {
        guard let status = try blobs.status(blob.digest) else { continue }
        try transaction.stamp(status, holds: blob.digest)
      }
    }
  }

  /// Takes away the blob's first name, unless somebody else begins to fetch it under that name now.
  private func forget(_ digest: Digest, in folder: Directory) throws -> Bool {
    let lockName = "\(digest.hex).lock"
    guard let lock = try FileLock.tryAcquire(lockName, in: folder, .exclusive) else { return false }
    defer {
      _ = try? folder.remove(lockName)
      lock.release()
    }
    guard let blob = try blobs.status(digest), try folder.status(digest.hex)?.inode == blob.inode else {
      return false
    }
    return try folder.remove(digest.hex)
  }

  /// Whether the blob is here with the right bytes: by its stamp, or by hashing it now.
  func hasGood(
    _ digest: Digest, _ bytes: Int64, _ index: Index, _ meter: ProgressMeter
  ) throws -> Bool {
    guard let status = try blobs.status(digest), status.kind == .file, status.size == bytes,
      try index.read({ try $0.blob(digest) })?.isDamaged != true
    else { return false }
    if try index.read({ try $0.isStamped(status, holding: digest) }) { return true }
    return try isGood(digest, meter)
  }

  /// Whether the blob's bytes are right, by reading all of them.
  func isGood(_ digest: Digest, _ meter: ProgressMeter) throws -> Bool {
    try Hashing.agrees(blobs.open(digest), digest, meter)
  }
}
