import DurableFiles
import RegistryModel

/// Brings one version from a remote: its manifest first, then the blobs that are missing, each verified, then the version
/// as publish makes it. Byte for byte what was published, or nothing.
struct Pull {
  let registry: Registry
  let index: Index
  let remote: any ObjectStore
  let meter: ProgressMeter

  /// A manifest as the remote has it, checked against its own rules and its name.
  struct Offer {
    let manifest: Manifest
    let digest: Digest
  }

  struct Outcome {
    let version: VersionID
    let digest: Digest
    let fetchedBytes: Int64
    let reusedBytes: Int64
  }

  /// What the remote publishes under this name; nil where there is nothing (yet).
  /// - Throws: `integrity` for a manifest that breaks a rule, or isn't what `expected` says.
  func offer(_ version: VersionID, expected: Digest?) throws -> Offer? {
    guard let info = try remote.info(RemoteLayout.manifest(version)) else { return nil }
    let bytes = try remote.document(info, limit: Manifest.Limits.foreignBytes)
    let digest = try Digest.sha256(of: bytes)
    if let expected, expected != digest {
      throw refused(version, "is \(digest.short), and \(expected.short) was expected")
    }
    let manifest = try Manifest(parsing: bytes, limits: .standard)
    guard manifest.versionID == version else {
      throw refused(version, "is the manifest of \(manifest.versionID)")
    }
    guard manifest.canonicalBytes == bytes else { throw refused(version, "is not written canonically") }
    return Offer(manifest: manifest, digest: digest)
  }

  private func refused(_ version: VersionID, _ problem: String) -> RegistryError {
    RegistryError(
      .integrity, "the manifest of \(version) in \(remote.uri) \(problem)",
      hint: "see who else writes there, and push the version again from where it was made")
  }

  /// Makes the version that was offered, which isn't known here.
  func bring(_ offer: Offer) throws -> Outcome {
    let manifest = offer.manifest
    let operation = try Operation(
      "fetch", in: registry.store, waitingAtMost: registry.patience, meter: meter)
    defer { operation.finish() }
    let staged = try fetch(blobs(of: manifest), operation)
    var publication = Publication(
      registry: registry, index: index, operation: operation, draft: { _ in manifest },
      number: manifest.number,
      adapter: manifest.adapter, staged: staged, reusedBytes: 0)
    publication.kind = .fetch
    publication.adoptsExisting = false
    publication.takenHint = "give the one that is here a new number with `modelctl publish --from`"
    do {
      let result = try registry.naming { try publication.commit() }
      guard result.digest == offer.digest else {
        throw refused(manifest.versionID, "became another one here")
      }
    } catch let error as RegistryError where error.code == .refused {
      // Somebody else brought the very same version meanwhile.
      guard try index.read({ try $0.version(manifest.versionID) })?.digest == offer.digest else {
        throw error
      }
    }
    registry.forgetTransfers(staged, index)
    return outcome(manifest.versionID, offer.digest, staged)
  }

  /// Brings what a version that is known here lacks, and builds its tree.
  func complete(_ record: VersionRecord) throws -> Outcome {
    let operation = try Operation(
      "fetch", in: registry.store, waitingAtMost: registry.patience, meter: meter)
    defer { operation.finish() }
    let files = try index.read { try $0.files(of: record.id) }
    let attached = try index.read { try $0.attachments(of: record) }
    var document: [(Digest, Int64)] = []
    if (try? registry.manifest(of: record)) == nil {
      guard let offer = try offer(record.version, expected: record.digest) else {
        throw RegistryError(
          .notFound, "\(record.version) is not in \(remote.uri)", hint: "push it from where it was made")
      }
      let staged = try registry.blobs.stage(offer.manifest.canonicalBytes, in: operation)
      document = [(staged.digest, staged.bytes)]
      try commit([staged], operation)
    }
    let staged = try fetch(files.map { ($0.digest, $0.bytes) } + attached, operation)
    try registry.complete(record, staged, operation, index)
    registry.forgetTransfers(staged, index)
    return outcome(record.version, record.digest, staged, besides: document.reduce(0) { $0 + $1.1 })
  }

  private func commit(_ staged: [StagedBlob], _ operation: Operation) throws {
    let content = try StoreLock.content.acquire(registry.store, .shared, waitingAtMost: registry.patience)
    defer { content.release() }
    try operation.announce()
    try registry.nameBlobs(staged, from: operation, index)
    try index.write { try registry.recordBlobs(staged, in: $0) }
  }

  private func outcome(
    _ version: VersionID, _ digest: Digest, _ staged: [StagedBlob], besides bytes: Int64 = 0
  ) -> Outcome {
    func sum(_ isReused: Bool) -> Int64 {
      staged.filter { $0.isReused == isReused }.reduce(0) { $0 + $1.bytes }
    }
    return Outcome(version: version, digest: digest, fetchedBytes: sum(false) + bytes, reusedBytes: sum(true))
  }

  /// Files and what travels with the version; the sizes of the latter are the remote's, within limits.
  private func blobs(of manifest: Manifest) throws -> [(Digest, Int64)] {
    let sizes = try Set(manifest.attached).sorted().map { digest in
      guard let info = try remote.info(RemoteLayout.blob(digest)) else {
        throw RegistryError(
          .notFound, "blob \(digest.short), which \(manifest.versionID) needs, is not in \(remote.uri)",
          hint: "push the version again from where it was made")
      }
      guard info.bytes <= Int64(JSONLimits.standard.maximumBytes) else {
        throw refused(manifest.versionID, "names a document of \(ByteCount(bytes: info.bytes))")
      }
      return (digest, info.bytes)
    }
    return manifest.files.map { ($0.digest, $0.bytes) } + sizes
  }

  private func fetch(_ blobs: [(Digest, Int64)], _ operation: Operation) throws -> [StagedBlob] {
    var sizes = BlobSizes()
    for (digest, bytes) in blobs { try sizes.add(digest, bytes) }
    let wanted = sizes.all.sorted { $0.key < $1.key }
    // For all of it, before the first byte: what an earlier run left needs none.
    let missing = try wanted.filter { try !registry.hasGood($0.key, $0.value, index, meter) }
    let parts = try registry.transferred(missing.map(\.key))
    try registry.requireRoom(
      bytes: BlobSizes.sum(missing.map(\.value)) - parts, files: 3 * missing.count)
    try meter.begin(BlobSizes.sum(wanted.map(\.value)))
    let fetch = Fetch(registry: registry, index: index, remote: remote, operation: operation)
    let staged = Gathered<StagedBlob>()
    try inThreads(wanted.map { ($0.key, $0.value) }, atMost: Fetch.streams) { digest, bytes in
      staged.add(try fetch.blob(digest, bytes))
    }
    return staged.all
  }
}
