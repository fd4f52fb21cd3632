import DurableFiles
import RegistryModel

/// One run of `verify`.
struct Verification {
  let registry: Registry
  let index: Index
  let progress: ProgressHandler?
  var result = VerifyResult()
  var good: [(FileStatus, Digest)] = []
  var bad: Set<Digest> = []
  /// Versions whose trees were found bad, or good: their blobs are another question.
  var badTrees: Set<Int64> = []
  var goodTrees: Set<Int64> = []
  private var doneBytes: Int64 = 0
  private var totalBytes: Int64 = 0

  init(registry: Registry, index: Index, progress: ProgressHandler?) {
    self.registry = registry
    self.index = index
    self.progress = progress
  }

  mutating func everything(full: Bool) throws {
    totalBytes = try index.read { try $0.totals().bytes }
    var last: Digest?
    while true {
      let page = try index.read { try $0.blobs(after: last, limit: 500) }
      guard let end = page.last else { break }
      for blob in page { try check(blob) }
      last = end.digest
    }
    for record in try index.read({ try $0.allVersions() }) { try checkManifestName(record) }
    for record in try index.read({ try $0.installedVersions() }) { try checkTree(record, full: full) }
    try checkGenerations()
  }

  mutating func version(_ record: VersionRecord, full: Bool) throws {
    let files = try index.read { try $0.files(of: record.id) }
    let digests = Set(files.map(\.digest) + [record.digest])
    totalBytes = record.bytes
    for digest in digests.sorted() {
      let blob = try index.read { try $0.blob(digest) }
      guard let blob else {
        // Collected after an uninstall: not here is not damaged, unless the version counts as installed.
        if record.isInstalled { try note(digest, "the blob is missing") }
        continue
      }
      try check(blob)
    }
    try checkManifestName(record)
    if record.isInstalled { try checkTree(record, full: full) }
  }

  /// Forgets what was removed by a gc or uninstall that ran meanwhile: rows go first, so what still has its row,
  /// its installed version or its folder was really missing.
  mutating func dropCollected() throws {
    guard !result.damaged.isEmpty else { return }
    let generations = Set(try registry.generations.numbers().map { "generations/\($0)/" })
    let kept = try index.read { transaction in
      try result.damaged.filter { damage in
        let path = damage.paths.first ?? ""
        switch damage.kind {
        case .blob:
          guard let digest = damage.digest, try transaction.blob(digest) == nil else { return true }
          return try transaction.versions(with: digest).contains(where: \.isInstalled)
        case .file: return try damage.versions.contains { try transaction.version($0)?.isInstalled == true }
        case .generation, .link:
          return !path.hasPrefix("generations/") || generations.contains(where: path.hasPrefix)
        }
      }
    }
    bad.subtract(result.damaged.filter { !kept.contains($0) }.compactMap(\.digest))
    result.damaged = kept
  }

  /// What `body` reads; nil where it is gone.
  func present<T>(_ body: () throws -> T) throws -> T? {
    do {
      return try body()
    } catch let error as FileError where error.isMissing || error.isWrongKind {
      return nil
    }
  }

  /// Writes down what was found, where this process may.
  func record() throws {
    guard !registry.isReadOnly else { return }
    try registry.noteDamage(bad.sorted(), index)
    let recovered = try index.read { try $0.damagedBlobs() }.map(\.digest)
      .filter { digest in
        !bad.contains(digest) && good.contains { $0.1 == digest }
      }
    try registry.noteTrees(bad: badTrees, good: goodTrees.subtracting(badTrees), index)
    guard !good.isEmpty else { return }
    try index.write { transaction in
      for digest in recovered { try transaction.setDamaged(digest, false) }
      for (status, digest) in good where try transaction.blob(digest) != nil {
        try transaction.stamp(status, holds: digest)
      }
    }
  }

  // MARK: Blobs

  private mutating func check(_ blob: BlobRecord) throws {
    let status = try registry.blobs.status(blob.digest)
    guard let status, status.kind == .file else { return try note(blob.digest, "the blob is missing") }
    guard status.size == blob.bytes else {
      return try note(blob.digest, "the blob has \(status.size) bytes instead of \(blob.bytes)")
    }
    guard let file = try present({ try registry.blobs.open(blob.digest, direct: true) }) else {
      return try note(blob.digest, "the blob is missing")
    }
    guard let hashed = try hash(file, "blobs/sha256/\(BlobStore.path(blob.digest))") else {
      return try note(blob.digest, "the blob can't be read")
    }
    result.checkedBlobs += 1
    guard hashed.digest == blob.digest else {
      return try note(blob.digest, "the bytes do not match the digest")
    }
    good.append((status, blob.digest))
  }

  mutating func hash(_ file: ReadableFile, _ path: String) throws -> HashedFile? {
    let before = doneBytes
    do {
      let hashed = try Hashing.digest(of: file) { count in
        doneBytes += Int64(count)
        progress?(doneBytes, totalBytes)
      }
      result.checkedBytes += hashed.bytes
      result.bytesFromCache += hashed.bytesFromCache
      return hashed
    } catch let error as FileError where error.isIO {
      doneBytes = before
      result.warnings.append("\(path): \(error)")
      return nil
    }
  }

  private mutating func note(_ digest: Digest, _ problem: String) throws {
    bad.insert(digest)
    let holders = try index.read { try $0.versions(with: digest) }
    result.damaged.append(
      Damage(
        kind: .blob, digest: digest, paths: ["blobs/sha256/\(BlobStore.path(digest))"],
        versions: holders.map(\.version), problem: problem))
  }
}
