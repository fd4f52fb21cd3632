@testable import ModelRegistry
import Synchronization

extension StoreInvariants {
  /// What any reader may rely on at any moment, without recovery (I1, I4, I10–I14).
  ///
  /// Links first, as a runtime reads them; then the rows, which may promise nothing that isn't there.
  public func checkRaw() -> [String] {
    Self.gather { problems in problems += try checkRaw(StoreRows(root)) }
  }

  func checkRaw(_ rows: StoreRows?) throws -> [String] {
    try checkBlobs() + checkManifests() + checkTrees() + checkActive() + checkMarks()
      + checkOutgoing(rows)
      + (rows.map { try checkRows($0) + checkTokens($0) } ?? [])
  }

  /// I12: a file under `blobs/` has the bytes of its name, and no other name is there.
  private func checkBlobs() throws -> [String] {
    var problems: [String] = []
    for folder in Disk.names(path("blobs/sha256")) {
      for name in Disk.names(path("blobs/sha256/\(folder)")) {
        let place = "blobs/sha256/\(folder)/\(name)"
        guard let digest = try? Digest(hex: name), digest.hex.hasPrefix(folder),
          Disk.kind(path(place)) == .file
        else {
          problems.append("\(place) is no blob")
          continue
        }
        if spoilt.contains(digest) { continue }
        if try Disk.bytes(path(place)).map({ try Digest.sha256(of: $0) }) != digest {
          problems.append("\(place) doesn't have the bytes of its name")
        }
      }
    }
    return problems
  }

  /// I10: a manifest's name leads to the whole manifest of that very version.
  private func checkManifests() throws -> [String] {
    Disk.names(path("manifests")).compactMap { name in
      guard name.hasSuffix(".json") else { return "manifests/\(name) is no manifest's name" }
      let version = String(name.dropLast(".json".count))
      return manifest(of: version) == nil ? "manifests/\(name) leads to no manifest of it" : nil
    }
  }

  /// The manifest that the link beside the trees names, and its digest; nil when anything about it is wrong.
  func manifest(of version: String) -> (manifest: Manifest, digest: Digest)? {
    guard let text = Disk.link(path("manifests/\(version).json")), text.hasPrefix("../blobs/sha256/"),
      let digest = try? Digest(hex: String(text.suffix(64))), text == "../\(Self.blobPath(digest))",
      let bytes = Disk.bytes(path(Self.blobPath(digest))), (try? Digest.sha256(of: bytes)) == digest,
      let manifest = Self.parsed(bytes, digest), manifest.versionID.description == version
    else { return nil }
    return (manifest, digest)
  }

  /// Manifests by digest: the same few are met in thousands of cases.
  private static let manifests = Mutex<[Digest: Manifest]>([:])

  private static func parsed(_ bytes: [UInt8], _ digest: Digest) -> Manifest? {
    if let known = manifests.withLock({ $0[digest] }) { return known }
    guard let manifest = try? Manifest(parsing: bytes) else { return nil }
    manifests.withLock { $0[digest] = manifest }
    return manifest
  }

  /// I14: a tree that has its name is whole.
  private func checkTrees() throws -> [String] {
    try Disk.names(path("versions")).flatMap { try checkTree($0) }
  }

  func checkTree(_ version: String) throws -> [String] {
    if torn.contains(version) { return [] }
    guard Disk.kind(path("versions/\(version)")) == .folder else {
      return ["versions/\(version) is no folder"]
    }
    guard let manifest = manifest(of: version)?.manifest else {
      return ["versions/\(version) has no manifest"]
    }
    var problems: [String] = []
    for file in manifest.files where !spoilt.contains(file.digest) {
      let bytes = Disk.bytes(path("versions/\(version)/\(file.path.text)"))
      if try bytes.map({ try Digest.sha256(of: $0) }) != file.digest {
        problems.append(
          "versions/\(version)/\(file.path.text) is \(bytes == nil ? "missing" : "not what it should be")")
      }
    }
    let named = Set(manifest.files.map(\.path.text))
    for name in Disk.paths(below: path("versions/\(version)")) where !named.contains(name) {
      if Disk.kind(path("versions/\(version)/\(name)")) == .folder { continue }
      problems.append("versions/\(version)/\(name) is named by no manifest")
    }
    return problems
  }

  /// I1: `active` is missing or names a complete generation, and the set isn't mixed.
  private func checkActive() throws -> [String] {
    guard Disk.status(path("active")) != nil else { return [] }
    guard let number = Self.number(inLink: Disk.link(path("active"))) else {
      return ["active is \(Disk.link(path("active")) ?? "no link")"]
    }
    return try checkGeneration(number)
  }

  /// One generation as a runtime reads it.
  func checkGeneration(_ number: Int) throws -> [String] {
    let folder = "generations/\(number)"
    guard Disk.kind(path(folder)) == .folder else { return ["\(folder) is not there"] }
    guard let bytes = Disk.bytes(path("\(folder)/generation.json")) else {
      return ["\(folder) has no generation.json"]
    }
    let record = try GenerationRecord(parsing: bytes)
    var problems: [String] = []
    if record.number != number { problems.append("\(folder) says that it is \(record.number)") }
    for member in record.set.sorted {
      let link = Disk.link(path("\(folder)/\(member.version.adapter.text)"))
      if link != "../../versions/\(member.version)" {
        problems.append("\(folder)/\(member.version.adapter.text) leads to \(link ?? "nothing")")
      }
      if manifest(of: member.version.description)?.digest != member.digest {
        problems.append("\(folder) holds \(member.version) under another digest")
      }
      problems += try checkTree(member.version.description).map { "\(folder): \($0)" }
    }
    let expected = Set(record.set.sorted.map(\.version.adapter.text))
      .union(["generation.json", "back", "back.new", "forward", "trial"])
    problems += Disk.names(path(folder)).filter { !expected.contains($0) }.map {
      "\(folder)/\($0) is unexpected"
    }
    return problems
  }

  /// I10: a mark names a version and a document that are there.
  private func checkMarks() -> [String] {
    let settings = Disk.names(path("marks/channels")).compactMap { name -> String? in
      let text = Disk.link(path("marks/channels/\(name)")) ?? ""
      guard let setting = try? ChannelSetting(markName: name, text: text),
        manifest(of: setting.version.description)?.digest == setting.digest
          || spoilt.contains(setting.digest)
      else { return "marks/channels/\(name) names no version: \(text)" }
      return nil
    }
    let evaluations = Disk.names(path("marks/evaluations")).compactMap { name -> String? in
      guard let record = try? EvaluationRecord(markName: name, text: ""),
        Disk.kind(path(Self.blobPath(record.digest))) == .file
      else { return "marks/evaluations/\(name) names no document" }
      return nil
    }
    return settings + evaluations
  }

  /// I4, I6, I13: rows promise nothing that isn't there.
  private func checkRows(_ rows: StoreRows) throws -> [String] {
    var problems: [String] = []
    for name in rows.settings where Disk.link(path("marks/channels/\(name)")) == nil {
      problems.append("the channel's setting \(name) has a row and no mark")
    }
    for name in rows.evaluations where Disk.link(path("marks/evaluations/\(name)")) == nil {
      problems.append("the evaluation \(name) has a row and no mark")
    }
    for (digest, _) in rows.blobs where Disk.kind(path(Self.blobPath(digest))) != .file {
      problems.append("blob \(digest.short) has a row and no file")
    }
    for version in rows.versions {
      if manifest(of: version.name)?.digest != version.digest, !spoilt.contains(version.digest) {
        problems.append("\(version.name) has a row and no manifest under its name")
      }
      guard version.isInstalled, !torn.contains(version.name) else { continue }
      if Disk.kind(path("versions/\(version.name)")) != .folder {
        problems.append("\(version.name) has no tree")
      }
      for digest in version.files.values where rows.blobs[digest] == nil {
        problems.append("\(version.name) is installed without blob \(digest.short)")
      }
    }
    for number in Disk.names(path("generations")).compactMap({ Int($0) }) {
      guard let row = rows.generations[number] else { continue }
      let folder = "generations/\(number)"
      if try Disk.bytes(path("\(folder)/generation.json")).map({ try Digest.sha256(of: $0) }) != row.digest {
        problems.append("\(folder)/generation.json is not what its row says")
      }
      if !row.isConfirmed, Disk.kind(path("\(folder)/trial")) == nil {
        problems.append("\(folder) was never confirmed and would count as confirmed without the index")
      }
    }
    return problems
  }
}
