import DurableFiles
import RegistryModel

extension Reconciliation {
  /// A version that the files have and the index lacks.
  private struct Found {
    let manifest: Manifest
    let digest: Digest
    let addedAt: Timestamp
    let tree: Tree
  }

  private enum Tree { case none, whole, damaged }

  /// Where a manifest's link is gone, a generation or a row may still say which blob it was.
  mutating func relinkManifests() throws {
    var wanted: [VersionID: Digest] = [:]
    for number in try generations.numbers() {
      guard let record = try? generations.record(number) else { continue }
      for member in record.set.sorted { wanted[member.version] = member.digest }
    }
    for record in try index.read({ try $0.allVersions() }) { wanted[record.version] = record.digest }
    let missing = try wanted.filter { try store.manifests.status("\($0.key).json") == nil }
    for (version, digest) in missing.sorted(by: { $0.key < $1.key }) {
      guard (try? manifest(version, digest)) != nil else { continue }
      try store.manifests.makeLink("\(version).json", to: "../blobs/sha256/\(BlobStore.path(digest))")
    }
    if !missing.isEmpty { try store.manifests.sync() }
  }

  /// Adds what has a manifest's name and no row.
  mutating func addVersions() throws {
    var batch: [Found] = []
    for entry in try store.manifests.entries().sorted(by: { $0.name < $1.name }) {
      guard let (version, digest) = named(entry.name) else {
        problem("manifests/\(entry.name.quoted) is no name of a manifest")
        continue
      }
      let record = try index.read { try $0.version(version) }
      if let record, record.digest == digest { continue }
      if let record {
        problem("\(version) is \(record.digest.short) in the index and \(digest.short) in manifests/")
        continue
      }
      do {
        batch.append(try found(version, digest, linkName: entry.name))
      } catch let error as RegistryError {
        problem(
          "\(version) can't come back: its manifest \(digest.short) is missing or bad (\(error.message))")
      } catch let error as FileError {
        problem("\(version) can't come back: its manifest \(digest.short) can't be read (\(error))")
      }
      if batch.count == Self.batch { try add(&batch) }
    }
    try add(&batch)
    for entry in try store.versions.entries() {
      let version = try? VersionID(parsing: entry.name)
      if try version.flatMap({ id in try index.read { try $0.version(id) } }) == nil {
        problem("versions/\(entry.name.quoted) has no manifest: nobody can say what it is; gc removes it")
      }
    }
  }

  /// The version and digest that a link under `manifests/` says.
  private func named(_ name: String) -> (VersionID, Digest)? {
    guard name.hasSuffix(".json"), let version = try? VersionID(parsing: String(name.dropLast(5))),
      let text = (try? store.manifests.readLink(name)) ?? nil,
      let digest = try? Digest(hex: String(text.suffix(64))),
      text == "../blobs/sha256/\(BlobStore.path(digest))"
    else { return nil }
    return (version, digest)
  }

  private func manifest(_ version: VersionID, _ digest: Digest) throws -> Manifest {
    let bytes = try store.blobs.readSmallFile(BlobStore.path(digest), limit: Manifest.Limits.documentBytes)
    guard try Digest.sha256(of: bytes) == digest else { throw BlobStore.bad(digest) }
    let manifest = try Manifest(parsing: bytes)
    guard manifest.versionID == version else {
      throw RegistryError(.integrity, "it speaks of \(manifest.versionID)", hint: "publish the files again")
    }
    return manifest
  }

  private func found(_ version: VersionID, _ digest: Digest, linkName: String) throws -> Found {
    let manifest = try manifest(version, digest)
    let changed = try store.manifests.status(linkName)?.modifiedNanoseconds ?? 0
    return Found(
      manifest: manifest, digest: digest, addedAt: Timestamp(milliseconds: changed / 1_000_000),
      tree: try tree(manifest.files, version))
  }

  private func tree(_ files: [Manifest.File], _ version: VersionID) throws -> Tree {
    guard try trees.stands(version) else { return .none }
    return try trees.matches(files, version) ? .whole : .damaged
  }

  private mutating func add(_ batch: inout [Found]) throws {
    guard !batch.isEmpty else { return }
    let documents = blobs
    try index.write { transaction in
      for found in batch {
        try transaction.insertVersion(
          found.manifest, digest: found.digest, content: Digest.sha256(of: found.manifest.contentBytes),
          at: found.addedAt)
        guard let record = try transaction.version(found.manifest.versionID) else { continue }
        if found.tree == .none { try transaction.setInstalled(record.id, false) }
        if found.tree == .damaged { try transaction.setTreeDamaged(record.id, true) }
      }
      try transaction.readArchives(from: documents)
    }
    result.added += batch.count
    for found in batch where found.tree == .damaged {
      problem(
        "the tree of \(found.manifest.versionID) is not whole; `modelctl verify --repair` makes it again")
    }
    batch = []
  }

  /// Rows whose manifest's name is gone, and rows that say the wrong thing of a tree.
  mutating func checkVersions() throws {
    let tombstones = Set(try index.read { try $0.tombstones() }.filter { $0.kind == .tree }.map(\.name))
    for record in try index.read({ try $0.allVersions() }) {
      if try store.manifests.status("\(record.version).json") == nil {
        problem("\(record.version) is known, and its manifest \(record.digest.short) is not here")
      }
      let isStanding = try trees.stands(record.version)
      let isBuried = tombstones.contains(record.version.description)
      // A backup may speak of a removal that was taken back since.
      guard isStanding != record.isInstalled, !isBuried || result.base != .index else { continue }
      let files = try index.read { try $0.files(of: record.id) }
      let isWhole = try isStanding && trees.matches(files, record.version)
      try index.write { transaction in
        try transaction.setInstalled(record.id, isStanding)
        if isStanding { try transaction.strike(.tree, record.version.description) }
        if isStanding, !isWhole { try transaction.setTreeDamaged(record.id, true) }
      }
      if !isStanding {
        problem("\(record.version) counted as installed and has no tree; `modelctl install` makes it again")
      }
    }
  }
}
