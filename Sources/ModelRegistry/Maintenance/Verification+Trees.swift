import DurableFiles
import RegistryModel

/// What stands around the blobs: names of manifests, trees, generations.
extension Verification {
  mutating func checkManifestName(_ record: VersionRecord) throws {
    let name = "\(record.version).json"
    let target = try? registry.store.manifests.readLink(name)
    guard target != .some("../blobs/sha256/\(BlobStore.path(record.digest))") else { return }
    result.damaged.append(
      Damage(
        kind: .link, digest: record.digest, paths: ["manifests/\(name)"], versions: [record.version],
        problem: "the name does not lead to the manifest's blob"))
  }

  /// A tree entry that shares its blob's inode was checked with the blob; any other is hashed.
  mutating func checkTree(_ record: VersionRecord, full: Bool) throws {
    let files = try index.read { try $0.files(of: record.id) }
    guard try registry.trees.stands(record.version),
      let tree = try present({ try registry.store.versions.directory(record.version.description) })
    else {
      return noteTree(record, files.first?.digest, "", "the tree is missing")
    }
    var missing = 0
    for file in files {
      let blob = try registry.blobs.status(file.digest)
      switch try look(at: file.path, in: tree, holding: file.digest, sharing: blob?.inode, full: full) {
      case .good: break
      case .bad(let problem, let status):
        if status == nil { missing += 1 }
        noteTree(record, file.digest, file.path.text, problem, status)
      }
    }
    goodTrees.insert(record.id)
    if try present({ try TreeStore.countFiles(in: tree) }) != files.count - missing {
      noteTree(record, nil, "", "the tree holds files that the manifest does not name")
    }
  }

  private enum EntryLook {
    case good
    case bad(String, FileStatus?)
  }

  private mutating func look(
    at path: RelativePath, in tree: Directory, holding digest: Digest, sharing inode: UInt64?, full: Bool
  ) throws -> EntryLook {
    let status = try TreeStore.entry(path, in: tree)
    guard let status, status.kind == .file else { return .bad("the file is missing", status) }
    if status.inode == inode { return .good }
    if !full, try index.read({ try $0.isStamped(status, holding: digest) }) { return .good }
    let entry = try present { try tree.openFile(path.text, direct: true) }
    guard try entry.flatMap({ try hash($0, path.text) })?.digest == digest else {
      return .bad("the bytes do not match the digest", status)
    }
    good.append((status, digest))
    return .good
  }

  /// The entries of installed trees that hold the blob's bytes in inodes of their own, all of them read. Which trees are
  /// bad is noted; what is wrong with them says ``checkTree(_:full:)``, once.
  mutating func checkEntries(of digest: Digest) throws {
    let inode = try registry.blobs.status(digest)?.inode
    var last: FilePlace?
    while true {
      let page = try index.read { try $0.installedPlaces(of: digest, after: last, limit: 500) }
      guard let end = page.last else { return }
      for place in page { try checkEntry(place, digest, sharing: inode) }
      last = end
    }
  }

  private mutating func checkEntry(_ place: FilePlace, _ digest: Digest, sharing inode: UInt64?) throws {
    guard let record = try index.read({ try $0.version(id: place.version) }) else { return }
    let tree = try present { try registry.store.versions.directory(record.version.description) }
    guard let tree,
      case .good = try look(at: place.path, in: tree, holding: digest, sharing: inode, full: true)
    else {
      badTrees.insert(record.id)
      return
    }
  }

  mutating func noteTree(
    _ record: VersionRecord, _ digest: Digest?, _ path: String, _ problem: String,
    _ status: FileStatus? = nil
  ) {
    badTrees.insert(record.id)
    let place = path.isEmpty ? "versions/\(record.version)" : "versions/\(record.version)/\(path)"
    if !path.isEmpty { remember(status, at: place) }
    result.damaged.append(
      Damage(kind: .file, digest: digest, paths: [place], versions: [record.version], problem: problem))
  }

  /// Each `generation.json` has the digest that the index keeps, and each link leads where the record says.
  mutating func checkGenerations() throws {
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
