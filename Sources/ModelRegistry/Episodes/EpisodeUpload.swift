import DurableFiles
import RegistryModel

/// Sends archives of episodes, each with its manifest beside it, and notes them in the index.
struct EpisodeUpload {
  private static let manifestsAtMost = 10_000

  let registry: Registry
  let index: Index
  let place: RemoteURI
  let remote: any ObjectStore
  let meter: ProgressMeter
  var result = EpisodeUploadResult()

  init(
    registry: Registry, index: Index, place: RemoteURI, remote: any ObjectStore, meter: ProgressMeter
  ) {
    self.registry = registry
    self.index = index
    self.place = place
    self.remote = remote
    self.meter = meter
  }

  /// Whole and acknowledged when it returns, and then the files here go.
  /// - Parameter isChecked: whether the archive was written a moment ago; one that lay here is read first.
  mutating func send(
    _ outgoing: OutgoingArchives.Outgoing, _ archives: OutgoingArchives, isChecked: Bool
  ) throws {
    let (name, manifest) = (outgoing.name, outgoing.manifest)
    let file = try archives.folder.openFile(name.file)
    guard try isChecked || Hashing.agrees(archives.folder.openFile(name.file), manifest.archive, meter)
    else {
      throw RegistryError(
        .integrity, "its bytes are not what they were when it was packed", unchanged: "it stays where it is",
        hint:
          "keep what is good of it, then remove it and \(name.manifest) from private/episodes; the episodes are sent again "
          + "from where they were recorded")
    }
    try meter.begin(file.size)
    let creation = try remote.create(
      name.object, FileSource(file, identity: manifest.archive), metadata: ["sha256": manifest.archive.hex]
    ) { try meter.add($0) }
    if case .existed(let known) = creation {
      try remote.requireSame(known, manifest.archive, archives.folder.openFile(name.file), meter)
    }
    try put(manifest, name.manifestObject)
    let uri = "\(place)/\(name.object.text)"
    let now = registry.clock.now()
    try index.write { transaction in
      try transaction.recordUpload(manifest, uri: uri, at: now)
      try transaction.audit(
        .upload, name.text, to: manifest.archive.description, reason: uri, by: registry.caller, at: now)
    }
    try archives.remove(outgoing)
    result.archives.append(
      UploadedArchive(
        digest: manifest.archive, uri: uri, bytes: file.size, episodes: manifest.episodes.count,
        uploadedAt: now))
  }

  private func put(_ manifest: ArchiveManifest, _ name: RelativePath) throws {
    let bytes = manifest.json.canonicalBytes
    let creation = try remote.create(name, DocumentSource(bytes), metadata: [:]) { _ in }
    guard case .existed(let info) = creation else { return }
    guard try remote.document(info, limit: JSONLimits.standard.maximumBytes) == bytes else {
      throw RegistryError(
        .refused, "\(name.text) in \(remote.uri) says something else", hint: "see who else writes there")
    }
  }

  /// Reads this robot's manifests on the remote into an index that knows of no archive: it may have been lost.
  func relearn() throws {
    guard try index.read({ try $0.uploads(limit: 1) }).isEmpty else { return }
    var found: [(ArchiveName, ObjectInfo)] = []
    let prefix = "\(ArchiveName.folder)\(registry.robot.text)_"
    try remote.pages(ObjectQuery(prefix: prefix)) { page in
      for info in page.objects where found.count < Self.manifestsAtMost {
        guard let stem = info.name.text.afterPrefix(ArchiveName.folder)?.beforeSuffix(".json"),
          let name = try? ArchiveName(parsing: stem)
        else { continue }
        found.append((name, info))
      }
    }
    var learned: [(manifest: ArchiveManifest, uri: String, at: Timestamp)] = []
    for (name, info) in found {
      guard let manifest = try manifest(info), manifest.archive.hex.hasPrefix(name.text.suffix(8)),
        let archive = try remote.info(name.object), archive.bytes == manifest.bytes
      else { continue }
      learned.append((manifest, "\(place)/\(name.object.text)", info.createdAt))
    }
    // In one: a part of them would pass for all of them the next time.
    try index.write { transaction in
      for known in learned { try transaction.recordUpload(known.manifest, uri: known.uri, at: known.at) }
    }
  }

  /// nil where the object is no manifest: others may write there.
  private func manifest(_ info: ObjectInfo) throws -> ArchiveManifest? {
    do {
      return try ArchiveManifest(
        parsing: remote.document(info, limit: JSONLimits.standard.maximumBytes))
    } catch let error as RegistryError where [.integrity, .refused, .notFound].contains(error.code) {
      return nil
    }
  }
}
