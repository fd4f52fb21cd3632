import DurableFiles
import RegistryModel

/// One run of `verify`.
struct Verification {
  let registry: Registry
  let index: Index
  let meter: ProgressMeter
  /// How fast it may read; nil: as fast as the medium is.
  var pace: Pace?
  var result = VerifyResult()
  var good: [(FileStatus, Digest)] = []
  var bad: Set<Digest> = []
  /// What lay at a damaged place when it was read; nil where nothing did. By its path below the store's folder.
  private var seen: [String: FileStatus?] = [:]
  /// What was recorded as bad before anything was read. What others record meanwhile is newer than what is found here.
  private var marked: Set<Digest> = []
  private var markedTrees: Set<Int64> = []
  /// Versions whose trees were found bad, or good: their blobs are another question.
  var badTrees: Set<Int64> = []
  var goodTrees: Set<Int64> = []

  init(registry: Registry, index: Index, meter: ProgressMeter) {
    self.registry = registry
    self.index = index
    self.meter = meter
  }

  mutating func begin() throws {
    (marked, markedTrees) = try index.read { transaction in
      (Set(try transaction.damagedBlobs().map(\.digest)), Set(try transaction.damagedTrees().map(\.id)))
    }
  }

  mutating func everything(full: Bool) throws {
    try begin()
    try meter.begin(index.read { try $0.totals().bytes })
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
    try begin()
    let files = try index.read { try $0.files(of: record.id) }
    let digests = Set(files.map(\.digest) + [record.digest])
    try meter.begin(record.bytes)
    for digest in digests.sorted() {
      let blob = try index.read { try $0.blob(digest) }
      guard let blob else {
        // Collected after an uninstall: not here is not damaged, unless the version counts as installed.
        if record.isInstalled { try note(digest, "the blob is missing", nil) }
        continue
      }
      try check(blob)
    }
    try checkManifestName(record)
    if record.isInstalled { try checkTree(record, full: full) }
  }

  /// Forgets what others changed meanwhile: what a repair replaced, and what a gc or uninstall removed. Rows go first, so
  /// what still has its row, its installed version or its folder was really missing.
  mutating func dropChanged() throws {
    guard !result.damaged.isEmpty else { return }
    let generations = Set(try registry.generations.numbers().map { "generations/\($0)/" })
    let kept = try index.read { transaction in
      try result.damaged.filter { damage in
        let path = damage.paths.first ?? ""
        guard try isUnchanged(path) else { return false }
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
    let dropped = result.damaged.filter { !kept.contains($0) }
    bad.subtract(dropped.filter { $0.kind == .blob }.compactMap(\.digest))
    badTrees.subtract(try Self.trees(dropped, index).subtracting(Self.trees(kept, index)))
    result.damaged = kept
  }

  /// The versions whose own trees these are about.
  private static func trees(_ damaged: [Damage], _ index: Index) throws -> Set<Int64> {
    let versions = Set(damaged.filter { $0.kind == .file }.flatMap(\.versions))
    return try index.read { transaction in
      Set(try versions.compactMap { try transaction.version($0)?.id })
    }
  }

  /// A repair puts another file there, or other bytes. A link more or less is no change: others make and remove them.
  private func isUnchanged(_ path: String) throws -> Bool {
    guard let before = seen[path] else { return true }
    let now = try present { try registry.store.root.status(path) }.flatMap(\.self)
    return now?.inode == before?.inode && now?.size == before?.size
      && now?.modifiedNanoseconds == before?.modifiedNanoseconds
  }

  /// What `body` reads; nil where it is gone.
  func present<T>(_ body: () throws -> T) throws -> T? {
    do {
      return try body()
    } catch let error as FileError where error.isMissing || error.isWrongKind {
      return nil
    }
  }

  /// Writes down what was found, where this process may: damage first, then what is good, and `more` with that.
  func record(_ more: ((Transaction) throws -> Void)? = nil) throws {
    guard !registry.isReadOnly else { return }
    try registry.noteDamage(bad.sorted(), index)
    let recovered = marked.subtracting(bad).intersection(good.map(\.1)).sorted()
    let whole = goodTrees.subtracting(badTrees).intersection(markedTrees)
    try registry.noteTrees(bad: badTrees, good: whole, index)
    // What is stamped already costs no page of the index.
    let unstamped = try index.read { transaction in
      try good.filter { status, digest in
        try !transaction.isStamped(status, holding: digest) && transaction.blob(digest) != nil
      }
    }
    guard !recovered.isEmpty || !unstamped.isEmpty || more != nil else { return }
    try index.write { transaction in
      for digest in recovered { try transaction.setDamaged(digest, false) }
      for (status, digest) in unstamped where try transaction.blob(digest) != nil {
        try transaction.stamp(status, holds: digest)
      }
      try more?(transaction)
    }
  }

  // MARK: Blobs

  mutating func check(_ blob: BlobRecord) throws {
    let status = try registry.blobs.status(blob.digest)
    func fail(_ problem: String) throws { try note(blob.digest, problem, status) }
    guard let status, status.kind == .file else { return try fail("the blob is missing") }
    guard status.size == blob.bytes else {
      return try fail("the blob has \(status.size) bytes instead of \(blob.bytes)")
    }
    guard let file = try present({ try registry.blobs.open(blob.digest, direct: true) }) else {
      return try fail("the blob is missing")
    }
    guard let hashed = try hash(file, "blobs/sha256/\(BlobStore.path(blob.digest))") else {
      return try fail("the blob can't be read")
    }
    result.checkedBlobs += 1
    guard hashed.digest == blob.digest else { return try fail("the bytes do not match the digest") }
    good.append((status, blob.digest))
  }

  mutating func hash(_ file: ReadableFile, _ path: String) throws -> HashedFile? {
    var doneBytes: Int64 = 0
    do {
      let hashed = try Hashing.digest(of: file) { count in
        doneBytes += Int64(count)
        try meter.add(Int64(count))
        try pace?.rest(after: Int64(count), meter)
      }
      result.checkedBytes += hashed.bytes
      result.bytesFromCache += hashed.bytesFromCache
      return hashed
    } catch let error as FileError where error.isIO {
      try meter.add(-doneBytes)
      result.warnings.append("\(path): \(error)")
      return nil
    }
  }

  private mutating func note(_ digest: Digest, _ problem: String, _ status: FileStatus?) throws {
    bad.insert(digest)
    let holders = try index.read { try $0.versions(with: digest) }
    let path = "blobs/sha256/\(BlobStore.path(digest))"
    remember(status, at: path)
    result.damaged.append(
      Damage(
        kind: .blob, digest: digest, paths: [path], versions: holders.map(\.version), problem: problem))
  }

  mutating func remember(_ status: FileStatus?, at path: String) { seen.updateValue(status, forKey: path) }
}
