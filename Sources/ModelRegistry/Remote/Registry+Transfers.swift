import DurableFiles
import RegistryModel

extension Registry {
  /// How long the part of a download is kept for whoever goes on with it.
  private static let transferMilliseconds: Int64 = 7 * 24 * 3_600_000
  private static let tightBytes: Int64 = 64 << 20

  /// How many bytes of these blobs lie under `private/transfers`.
  func transferred(_ digests: [Digest]) throws -> Int64 {
    guard let folder = try? store.root.directory("private/transfers") else { return 0 }
    return BlobSizes.sum(try digests.map { try folder.status($0.hex)?.size ?? 0 })
  }

  /// Removes parts of downloads that nobody goes on with: those of blobs that are here, and old ones. What is being
  /// fetched now is locked, and stays.
  func sweepTransfers(_ index: Index) throws {
    try TrainingWorkspace.sweep(self)
    try IncomingArchive.sweep(store)
    try sweepUploads()
    guard let folder = try? store.root.directory("private/transfers") else { return }
    let limit = clock.now().milliseconds - Self.transferMilliseconds
    // On a disk that is nearly full they go whatever their age.
    let isTight = (try? requireRoom(bytes: Self.tightBytes, files: 64)) == nil
    let names = Set(
      try folder.entries().map { $0.name.hasSuffix(".lock") ? String($0.name.dropLast(5)) : $0.name })
    for name in names.sorted() {
      guard let digest = try? Digest(hex: name),
        let lock = try FileLock.tryAcquire("\(name).lock", in: folder, .exclusive)
      else { continue }
      let isHere = try index.read { try $0.blob(digest) } != nil
      if let status = try folder.status(name),
        isHere || isTight || status.modifiedNanoseconds / 1_000_000 < limit
      {
        try folder.removeTree(name)
      }
      try folder.remove("\(name).lock")
      lock.release()
    }
  }

  /// Removes upload sessions that are older than any server keeps them: each is a secret.
  private func sweepUploads() throws {
    guard let folder = try? store.root.directory("private/uploads") else { return }
    let limit = clock.now().milliseconds - Self.transferMilliseconds
    for entry in try folder.entries() {
      guard let status = try folder.status(entry.name), status.modifiedNanoseconds / 1_000_000 < limit,
        let lock = try FileLock.tryAcquire("\(entry.name.prefix(64)).lock", in: folder, .exclusive)
      else { continue }
      try folder.removeTree(entry.name)
      try folder.remove("\(entry.name.prefix(64)).lock")
      lock.release()
    }
  }
}
