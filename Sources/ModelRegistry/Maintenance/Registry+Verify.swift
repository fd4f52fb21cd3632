import DurableFiles
public import RegistryModel

extension Registry {
  /// Reads everything, or one version, from the medium and compares it with its digests.
  ///
  /// Every blob is read. A tree entry that has an inode of its own (reflink, copy) is read where its stamp doesn't
  /// hold, and in any case with `full`. What is bad is recorded (opened for writing), so that no version of it is
  /// activated; what was bad and is good again is recorded too. Memory: one buffer.
  /// - Parameters:
  ///   - reference: one version; nil: everything.
  ///   - full: read also tree entries whose stamp holds.
  ///   - repair: put good bytes in place of bad ones where a copy is on this machine.
  ///   - progress: told how far the reading has come.
  /// - Returns: what is damaged (still, after a repair); damage is a result, not an error.
  public func verify(
    _ reference: Reference? = nil, full: Bool = false, repair: Bool = false, progress: ProgressHandler? = nil
  ) throws(RegistryError) -> VerifyResult {
    try reporting("verify", unchanged: "no byte of a version was changed") {
      let index = try index()
      var check = Verification(registry: self, index: index, progress: progress)
      if let reference {
        let record = try resolve(reference)
        try check.version(record, full: full)
      } else {
        try check.everything(full: full)
      }
      try check.dropCollected()
      try check.record()
      guard repair else { return check.result }
      var result = check.result
      (result.damaged, result.repaired) = try Repair(registry: self, index: index).run(result.damaged)
      return result
    }
  }
}

/// One run of `verify`.
struct Verification {
  let registry: Registry
  let index: Index
  let progress: ProgressHandler?
  var result = VerifyResult()
  private var good: [(FileStatus, Digest)] = []
  private var bad: Set<Digest> = []
  /// Versions whose trees were found bad, or good: their blobs are another question.
  private var badTrees: Set<Int64> = []
  private var goodTrees: Set<Int64> = []
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
  private func present<T>(_ body: () throws -> T) throws -> T? {
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

  private mutating func hash(_ file: ReadableFile, _ path: String) throws -> HashedFile? {
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

  // MARK: Names, trees, generations

  private mutating func checkManifestName(_ record: VersionRecord) throws {
    let name = "\(record.version).json"
    let target = try? registry.store.manifests.readLink(name)
    guard target != .some("../blobs/sha256/\(BlobStore.path(record.digest))") else { return }
    result.damaged.append(
      Damage(
        kind: .link, digest: record.digest, paths: ["manifests/\(name)"], versions: [record.version],
        problem: "the name does not lead to the manifest's blob"))
  }

  /// A tree entry that shares its blob's inode was checked with the blob; any other is hashed.
  private mutating func checkTree(_ record: VersionRecord, full: Bool) throws {
    let files = try index.read { try $0.files(of: record.id) }
    guard try registry.trees.stands(record.version),
      let tree = try present({ try registry.store.versions.directory(record.version.description) })
    else {
      return noteTree(record, files.first?.digest, "", "the tree is missing")
    }
    for file in files {
      guard let status = try TreeStore.entry(file.path, in: tree), status.kind == .file else {
        noteTree(record, file.digest, file.path.text, "the file is missing")
        continue
      }
      if let blob = try registry.blobs.status(file.digest), blob.inode == status.inode { continue }
      if !full, try index.read({ try $0.isStamped(status, holding: file.digest) }) { continue }
      let entry = try present { try tree.openFile(file.path.text, direct: true) }
      let hashed = try entry.flatMap { try hash($0, file.path.text) }
      if hashed?.digest == file.digest {
        good.append((status, file.digest))
      } else {
        noteTree(record, file.digest, file.path.text, "the bytes do not match the digest")
      }
    }
    goodTrees.insert(record.id)
    if try present({ try TreeStore.countFiles(in: tree) }) != files.count {
      noteTree(record, nil, "", "the tree holds files that the manifest does not name")
    }
  }

  private mutating func noteTree(
    _ record: VersionRecord, _ digest: Digest?, _ path: String, _ problem: String
  ) {
    badTrees.insert(record.id)
    let place = path.isEmpty ? "versions/\(record.version)" : "versions/\(record.version)/\(path)"
    result.damaged.append(
      Damage(kind: .file, digest: digest, paths: [place], versions: [record.version], problem: problem))
  }

  /// Each `generation.json` has the digest that the index keeps, and each link leads where the record says.
  private mutating func checkGenerations() throws {
    for number in try registry.generations.numbers() {
      guard let digest = try index.read({ try $0.generationDigest(number) }) else { continue }
      let folder = "generations/\(number)"
      let bytes = try? registry.store.generations.readSmallFile(
        "\(number)/\(GenerationStore.recordName)", limit: 4 << 20)
      let set = try index.read { try $0.set(of: number) }
      if try bytes.map({ try Digest.sha256(of: $0) }) != digest {
        result.damaged.append(
          Damage(
            kind: .generation, digest: digest, paths: ["\(folder)/\(GenerationStore.recordName)"],
            versions: set.sorted.map(\.version), problem: "generation.json does not match its digest"))
      }
      for member in set.sorted {
        let link = try? registry.store.generations.readLink("\(number)/\(member.version.adapter.text)")
        guard link != .some(GenerationStore.treeText(member.version)) else { continue }
        result.damaged.append(
          Damage(
            kind: .link, digest: nil, paths: ["\(folder)/\(member.version.adapter.text)"],
            versions: [member.version], problem: "the link does not lead to the version's tree"))
      }
    }
  }
}
