import DurableFiles
import RegistryModel

/// Steps that publish and install share; the caller holds `content` shared.
extension Registry {
  /// Gives staged blobs their names and makes the names durable. A blob that had bad bytes under its name gets
  /// them replaced in every tree that has it.
  ///
  /// Order (docs/format.md, W2–W3): the note that the blob is bad, the blob, the trees, and the note is taken back.
  /// A crash in between leaves the note, and whoever brings the same bytes again finishes the trees.
  func nameBlobs(_ staged: [StagedBlob], from operation: Operation, _ index: Index) throws {
    let noted = Set(try index.read { try $0.damagedBlobs() }.map(\.digest))
    var named = try giveNames(staged, noted: noted, from: operation, index)
    try index.read { transaction in
      // A folder that no row speaks for may have been made by somebody who died before its name was durable.
      named.touched.hasNewParent =
        try named.touched.hasNewParent
        || named.touched.directories.keys.contains { try !transaction.hasBlob(inFolder: $0) }
    }
    try named.touched.sync(store)
    for digest in named.repaired { try repairTrees(digest, from: operation, index) }
  }

  /// Gives staged blobs their names, which are not durable yet; `repaired` had bad bytes under theirs, so that their
  /// trees are still to be repaired.
  ///
  /// Those in `noted`, the blobs that the index calls damaged, are so too: where they are good by now a repair died
  /// between the blob and its trees, or only trees are bad.
  func giveNames(
    _ staged: [StagedBlob], noted: Set<Digest>, from operation: Operation, _ index: Index
  ) throws -> (touched: TouchedDirectories, repaired: [Digest]) {
    var touched = TouchedDirectories()
    var repaired: [Digest] = []
    for blob in staged {
      let naming = try blobs.name(
        blob, from: operation,
        isStamped: { status in try index.read { try $0.isStamped(status, holding: blob.digest) } },
        noteBad: { try noteDamage([blob.digest], index) }, touched: &touched)
      if naming == .replacedBadBytes || noted.contains(blob.digest) { repaired.append(blob.digest) }
    }
    return (touched, repaired)
  }

  /// Gives a version that is known here the blobs that were brought for it, and builds its tree from them.
  ///
  /// A restore may have given it another row meanwhile, and another version may have its name by now.
  func complete(
    _ record: VersionRecord, _ staged: [StagedBlob], _ operation: Operation, _ index: Index
  ) throws {
    let content = try StoreLock.content.acquire(store, .shared, waitingAtMost: patience)
    defer { content.release() }
    guard let known = try index.read({ try $0.version(record.version) }), known.digest == record.digest else {
      throw RegistryError(
        .busy, "\(record.version) became another version while its bytes were brought",
        hint: "run the command again")
    }
    try operation.announce()
    try naming { try nameBlobs(staged, from: operation, index) }
    try index.write { try recordBlobs(staged, in: $0) }
    try reinstall(known, index.read { try $0.files(of: known.id) }, operation, index)
    operation.conclude()
  }

  /// Puts a good blob in place of each tree entry that should hold it; link aside, rename over, `fsync`. Aside is
  /// the operation's folder, so that no tree shows a file that isn't its own.
  func repairTrees(_ digest: Digest, from operation: Operation, _ index: Index) throws {
    let holders = try index.read { try $0.versions(with: digest) }.filter(\.isInstalled)
    for holder in holders where try trees.stands(holder.version) {
      let tree = try store.versions.directory(holder.version.description)
      for file in try index.read({ try $0.files(of: holder.id) }) where file.digest == digest {
        let folders = file.path.components.dropLast()
        let folder = folders.isEmpty ? tree : try tree.directory(folders.joined(separator: "/"))
        guard let name = file.path.components.last else { continue }
        var builder = TreeBuilder(blobs, meter: .unwatched)
        try builder.place(digest, as: "good", in: operation.folder)
        try operation.folder.rename("good", to: name, in: folder, replacing: true)
        try operation.folder.remove("good")  // a rename onto another name of the same inode leaves both
        try folder.sync()
      }
    }
    try index.write { transaction in
      guard let blob = try transaction.blob(digest) else { return }
      try transaction.putBlob(digest, bytes: blob.bytes)
      if let status = try blobs.status(digest) { try transaction.stamp(status, holds: digest) }
      try transaction.audit(.repair, digest.description, by: caller, at: clock.now())
    }
  }

  /// Records blobs that are durable under their names, with their stamps.
  func recordBlobs(_ staged: [StagedBlob], in transaction: Transaction) throws {
    for blob in staged {
      try transaction.putBlob(blob.digest, bytes: blob.bytes)
      if let status = try blobs.status(blob.digest) { try transaction.stamp(status, holds: blob.digest) }
    }
  }

  /// Makes `manifests/NAME.json` name the manifest's blob, durably. A name that no row knows is a crash's.
  func nameManifest(_ version: VersionID, _ digest: Digest) throws {
    try linkManifest(version, digest)
    try store.manifests.sync()
  }

  /// The same, not durable yet.
  func linkManifest(_ version: VersionID, _ digest: Digest) throws {
    let name = "\(version).json"
    let target = "../blobs/sha256/\(BlobStore.path(digest))"
    do {
      return try store.manifests.makeLink(name, to: target)
    } catch {
      guard error.exists else { throw error }
    }
    if (try? store.manifests.readLink(name)) == target { return }
    try store.manifests.removeTree(name)
    try store.manifests.makeLink(name, to: target)
  }

  /// Whether the name belongs to a version whose manifest is missing or bad, so that no row could be made for it: it
  /// is not given away again.
  /// - Parameter offered: the manifest that is to get the name; it may be the lost one.
  func isNameOfLost(_ version: VersionID, besides offered: Digest? = nil) throws -> Bool {
    guard let text = try linkText(of: version),
      let digest = try? Digest(hex: String(text.suffix(64))), digest != offered
    else { return false }
    let bytes = try? store.blobs.readSmallFile(BlobStore.path(digest), limit: Manifest.Limits.documentBytes)
    return try bytes.map { try Digest.sha256(of: $0) } != digest
  }

  /// Nil where there is no link, or what has its name is none that can be understood.
  private func linkText(of version: VersionID) throws -> String? {
    do {
      return try store.manifests.readLink("\(version).json")
    } catch {
      guard error.isNoText else { throw error }
      return nil
    }
  }

  /// The manifest of a version, its bytes checked against its digest.
  func manifest(of record: VersionRecord) throws -> Manifest {
    let bytes = try blobs.store.blobs.readSmallFile(
      BlobStore.path(record.digest), limit: Manifest.Limits.documentBytes)
    guard try Digest.sha256(of: bytes) == record.digest else { throw BlobStore.bad(record.digest) }
    return try Manifest(parsing: bytes)
  }

  /// Builds the tree and puts it in its place, durably; what its entries' files look like is returned.
  func raiseTree(
    _ files: [Manifest.File], _ version: VersionID, _ operation: Operation
  ) throws -> [FileStatus] {
    try buildTree(files, operation)
    return try putTree(files, version, operation)
  }

  /// Builds a tree aside, in the operation's folder; durable, and without a name in the store.
  func buildTree(_ files: [Manifest.File], _ operation: Operation) throws {
    var builder = TreeBuilder(blobs, meter: operation.meter)
    // What an earlier tree of this operation took the place of.
    try operation.folder.removeTree("tree")
    try builder.build(files, as: "tree", in: operation.folder)
  }

  /// Puts the tree that was built in its place, durably; what its entries' files look like is returned.
  func putTree(
    _ files: [Manifest.File], _ version: VersionID, _ operation: Operation
  ) throws -> [FileStatus] {
    try trees.put("tree", from: operation, as: version)
    let tree = try store.versions.directory(version.description)
    return try files.map { file in
      guard let status = try TreeStore.entry(file.path, in: tree) else {
        throw RegistryError(
          .integrity, "\(file.path.text) of \(version) vanished while it was installed",
          hint: "run the command again")
      }
      return status
    }
  }

  /// Whether the version is installed and its tree holds exactly its files and their bytes; an entry without a
  /// stamp is read.
  func isWhole(
    _ record: VersionRecord, _ files: [Manifest.File], _ index: Index, _ meter: ProgressMeter
  ) throws -> Bool {
    guard record.isInstalled, !record.hasDamagedTree, try trees.matches(files, record.version) else {
      return false
    }
    let tree = try store.versions.directory(record.version.description)
    return try files.allSatisfy { file in
      guard let status = try TreeStore.entry(file.path, in: tree) else { return false }
      if try index.read({ try $0.isStamped(status, holding: file.digest) }) { return true }
      return try Hashing.agrees(tree.openFile(file.path.text), file.digest, meter)
    }
  }

  /// Stamps tree entries and blobs, whose links were counted by our own making just now.
  func stamp(_ statuses: [FileStatus], _ files: [Manifest.File], in transaction: Transaction) throws {
    for (status, file) in zip(statuses, files) {
      try transaction.stamp(status, holds: file.digest)
      if let blob = try blobs.status(file.digest), blob.inode != status.inode {
        try transaction.stamp(blob, holds: file.digest)
      }
    }
  }
}
