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

  mutating func noteTree(
    _ record: VersionRecord, _ digest: Digest?, _ path: String, _ problem: String
  ) {
    badTrees.insert(record.id)
    let place = path.isEmpty ? "versions/\(record.version)" : "versions/\(record.version)/\(path)"
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
