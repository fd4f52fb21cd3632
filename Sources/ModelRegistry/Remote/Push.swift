import DurableFiles
import RegistryModel

/// Sends one version.
///
/// Order (docs/format.md, "Remote"): blobs, with those that travel with the version; the checksums, which claim the name;
/// plain copies; the manifest, which is the moment of publication; the journal's entry. Each is create-only, so a push
/// that was interrupted is simply done again, and writes what is missing.
struct Push {
  let registry: Registry
  let index: Index
  let remote: any ObjectStore
  let meter: ProgressMeter

  /// - Throws: `refused` where the remote has another version under this name.
  func send(_ record: VersionRecord, plain: Bool) throws {
    let manifest = try registry.manifest(of: record)
    let bytes = manifest.canonicalBytes
    guard bytes.count <= Manifest.Limits.foreignBytes else {
      throw RegistryError(
        .refused,
        "the manifest of \(record.version) has \(ByteCount(bytes: Int64(bytes.count))), and at most "
          + "\(ByteCount(bytes: Int64(Manifest.Limits.foreignBytes))) are shared",
        hint: "publish it with fewer files, for instance as an archive")
    }
    let published = try published(record)
    let attached = try index.read { try $0.attachments(of: record) }
    let blobs = manifest.files.map { ($0.digest, $0.bytes) } + attached
    if plain { for file in manifest.files { _ = try RemoteLayout.plain(file.path, of: record.version) } }
    for file in manifest.files { try registry.requireGood(file, of: record.version, index, meter) }
    try send(blobs)
    try claim(record, manifest)
    if plain { try copyPlain(manifest) }
    try meter.check()
    let info = try published ?? create(RemoteLayout.manifest(record.version), bytes)
    try tell(record.version, record.digest, at: info.createdAt)
  }

  /// The checksums are the first thing under the version's name, and another version has others.
  private func claim(_ record: VersionRecord, _ manifest: Manifest) throws {
    let text = Array(RemoteLayout.checksumText(manifest.files).utf8)
    do {
      try create(RemoteLayout.checksums(record.version), text)
    } catch let error as RegistryError where error.code == .refused {
      throw RegistryError(
        .refused, "somebody began to push another \(record.version) to \(remote.uri)",
        hint: "give yours a new number: `modelctl publish --from \(record.version)`, and push that")
    }
  }

  /// Writes the journal's entry. One that comes much later than its manifest, as the network went in between, lies before
  /// what others will read: it gets a second one, under its own time.
  func tell(_ version: VersionID, _ digest: Digest, at published: Timestamp) throws {
    let entry = JournalEntry(publishedAt: published, version: version, digest: digest)
    let made = try create(entry.name, entry.bytes).createdAt
    guard made.milliseconds - published.milliseconds > Sync.overlapMilliseconds / 2 else { return }
    let late = JournalEntry(publishedAt: made, version: version, digest: digest)
    try create(late.name, late.bytes)
  }

  /// The manifest that stands there already, if it is this version's.
  private func published(_ record: VersionRecord) throws -> ObjectInfo? {
    let name = RemoteLayout.manifest(record.version)
    guard let info = try remote.info(name) else { return nil }
    let bytes = try remote.document(info, limit: Manifest.Limits.foreignBytes)
    let digest = try Digest.sha256(of: bytes)
    guard digest == record.digest else { throw Self.conflict(record, digest, remote) }
    try remote.settle(info)
    return info
  }

  static func conflict(_ record: VersionRecord, _ theirs: Digest, _ remote: any ObjectStore) -> RegistryError
  {
    RegistryError(
      .refused,
      "\(record.version) is \(record.digest.short) here and \(theirs.short) in \(remote.uri)",
      hint: "give yours a new number: `modelctl publish --from \(record.version)`, and push that")
  }

  private func send(_ blobs: [(Digest, Int64)]) throws {
    let unique = Dictionary(blobs) { first, _ in first }.sorted { $0.key < $1.key }
    try meter.begin(unique.reduce(0) { $0 + $1.value })
    try inThreads(unique, atMost: Fetch.streams) { digest, bytes in try sendBlob(digest, bytes) }
  }

  private func sendBlob(_ digest: Digest, _ bytes: Int64) throws {
    guard try registry.blobs.open(digest).size == bytes else { throw BlobStore.bad(digest) }
    let name = RemoteLayout.blob(digest)
    if let known = try remote.info(name) {
      try requireSame(known, digest)
      try remote.settle(known)
      return try meter.add(bytes)
    }
    // Under this name a wrong byte would stay for ever.
    let source = try VerifiedSource(digest, in: registry.blobs, meter)
    let creation: ObjectCreation
    do {
      creation = try remote.create(name, source, metadata: ["sha256": digest.hex]) { try meter.add($0) }
    } catch let error as RegistryError where error.code == .integrity {
      if try !source.isGood { try registry.noteDamage([digest], index) }
      throw error
    }
    if case .existed(let known) = creation { try requireSame(known, digest) }
  }

  private func requireSame(_ info: ObjectInfo, _ digest: Digest) throws {
    try remote.requireSame(info, digest, registry.blobs.open(digest), meter)
  }

  private func copyPlain(_ manifest: Manifest) throws {
    for file in manifest.files {
      let name = try RemoteLayout.plain(file.path, of: manifest.versionID)
      try meter.check()
      if let known = try remote.info(name) {
        try requireSame(known, file.digest)
        try remote.settle(known)
        continue
      }
      guard let blob = try remote.info(RemoteLayout.blob(file.digest)) else { throw gone(file.digest) }
      if case .existed(let known) = try remote.copy(blob, to: name) {
        try requireSame(known, file.digest)
      }
    }
  }

  private func gone(_ digest: Digest) -> RegistryError {
    RegistryError(
      .remote, "blob \(digest.short) vanished from \(remote.uri)",
      hint: "see who else writes there, and push again")
  }

  /// A small document; there already: it must be the same.
  @discardableResult
  private func create(_ name: RelativePath, _ bytes: [UInt8]) throws -> ObjectInfo {
    let creation = try remote.create(
      name, DocumentSource(bytes), metadata: ["sha256": try Digest.sha256(of: bytes).hex]
    ) { _ in }
    if case .existed(let info) = creation {
      guard try remote.document(info, limit: max(bytes.count, 1)) == bytes else {
        throw RegistryError(
          .refused, "\(name.text) in \(remote.uri) says something else", hint: "see who else writes there")
      }
    }
    return creation.info
  }
}
