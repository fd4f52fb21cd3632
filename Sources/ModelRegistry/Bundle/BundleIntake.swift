import DurableFiles
import RegistryModel

/// Installs from a bundle in one reading: first what is in it, then the bytes that are missing here.
struct BundleIntake {
  private static let documentBytes = 64 << 10
  private static let versionLimit = 10_000
  /// All documents of one bundle together, and what travels with its versions: both are in memory or checked late.
  private static let documentsLimit = 64 << 20
  private static let attachedLimit = 100_000

  let registry: Registry
  let index: Index
  let operation: Operation
  let path: String

  /// What was read before the first blob.
  private struct Content {
    var members: [BundleIndex.Member] = []
    /// By the names of their manifests in the bundle.
    var expected: [String: BundleIndex.Member] = [:]
    var manifests: [VersionID: Manifest] = [:]
    var channels: [ChannelSetting] = []
    var documentBytes = 0
    /// Blobs that aren't here, with their sizes; nil for a document, whose manifest doesn't say.
    var missing: [Digest: Int64?] = [:]
    var staged: [Digest: StagedBlob] = [:]
  }

  func install() throws -> (versions: [InstallResult], channels: [ChannelSetting]) {
    guard let source = try SourceScan.files(at: [path]).first else { throw damaged("it isn't there") }
    let file = try source.folder.openFile(source.name)
    // A tar as it was written: a compressed one could unpack to anything.
    let stream = try ArchiveStream(file, unpacking: false)
    try operation.meter.begin(file.size)
    var content = Content()
    var isPlanned = false
    while let entry = try stream.next() {
      guard entry.kind == .file, let name = try? RelativePath(parsing: entry.name) else {
        throw damaged("\(entry.name.quoted) is no plain file")
      }
      if let hex = name.text.afterPrefix("blobs/sha256/") {
        if !isPlanned { try plan(&content) }
        isPlanned = true
        try stage(try Digest(hex: hex), entry, stream, file.size, &content)
      } else {
        guard !isPlanned else { throw damaged("\(name.text.quoted) comes behind the bytes") }
        try read(name, stream, &content)
      }
      try operation.meter.reach(min(stream.bytesRead, file.size))
    }
    if !isPlanned { try plan(&content) }
    guard content.missing.keys.allSatisfy({ content.staged[$0] != nil }) else {
      throw damaged("bytes of its versions are not in it")
    }
    return try commit(content)
  }

  private func read(_ name: RelativePath, _ stream: ArchiveStream, _ content: inout Content) throws {
    if name.text == BundleIndex.name.text {
      guard content.members.isEmpty else { throw damaged("it says twice what it holds") }
      let members = try BundleIndex(parsing: bytes(stream, Manifest.Limits.foreignBytes, &content)).versions
      guard members.count <= Self.versionLimit else {
        throw damaged("it has more than \(Self.versionLimit) versions")
      }
      content.members = members
      content.expected = Dictionary(
        uniqueKeysWithValues: members.map { (RemoteLayout.manifest($0.version).text, $0) })
    } else if let member = content.expected[name.text] {
      let bytes = try bytes(stream, Manifest.Limits.foreignBytes, &content)
      guard content.manifests[member.version] == nil else {
        throw damaged("the manifest of \(member.version) is in it twice")
      }
      guard try Digest.sha256(of: bytes) == member.digest else {
        throw damaged("the manifest of \(member.version) isn't what the bundle says")
      }
      let manifest = try Manifest(parsing: bytes, limits: .standard)
      guard manifest.versionID == member.version, manifest.canonicalBytes == bytes else {
        throw damaged("the manifest of \(member.version) is another's")
      }
      content.manifests[member.version] = manifest
    } else if RemoteChannel.parse(name: name) != nil {
      guard content.channels.count < Self.versionLimit else {
        throw damaged("it has more than \(Self.versionLimit) channels")
      }
      let channel = try RemoteChannel(name: name, bytes: bytes(stream, Self.documentBytes, &content))
      content.channels.append(channel.setting)
    }
    // Checksums are for people; anything else may come with a later program.
  }

  private func bytes(_ stream: ArchiveStream, _ limit: Int, _ content: inout Content) throws -> [UInt8] {
    var bytes: [UInt8] = []
    let buffer = ReadableFile.alignedBuffer(byteCount: 64 << 10)
    defer { buffer.deallocate() }
    while true {
      let count = try stream.read(into: buffer)
      if count == 0 { return bytes }
      content.documentBytes += count
      guard bytes.count + count <= limit, content.documentBytes <= Self.documentsLimit else {
        throw damaged("a document is too large")
      }
      bytes += buffer[..<count]
    }
  }

  /// Everything that can be refused before the first byte is written.
  private func plan(_ content: inout Content) throws {
    guard !content.members.isEmpty else { throw damaged("it doesn't say what it holds") }
    var sizes = BlobSizes()
    var attachedCount = 0
    for member in content.members {
      guard let manifest = content.manifests[member.version] else {
        throw damaged("the manifest of \(member.version) is not in it")
      }
      if let known = try index.read({ try $0.version(member.version) }) {
        try requireSame(known, member.digest)
      }
      for file in manifest.files {
        try sizes.add(file.digest, file.bytes)
        if try !registry.hasGood(file.digest, file.bytes, index, operation.meter) {
          content.missing[file.digest] = file.bytes
        }
      }
      let attached = manifest.attached
      attachedCount += attached.count
      guard attachedCount <= Self.attachedLimit else { throw damaged("too much travels with its versions") }
      for digest in attached where content.missing[digest] == nil {
        let known = try index.read { try $0.blob(digest) }
        if try known.map({ try !registry.hasGood(digest, $0.bytes, index, operation.meter) }) ?? true {
          content.missing.updateValue(nil, forKey: digest)
        }
      }
    }
    let missing = content.missing.values.compactMap(\.self)
    try registry.requireRoom(bytes: BlobSizes.sum(missing), files: 2 * content.missing.count)
  }

  private func requireSame(_ known: VersionRecord, _ digest: Digest) throws {
    guard known.digest == digest else {
      throw RegistryError(
        .refused, "\(known.version) is \(known.digest.short) here and \(digest.short) in the bundle",
        hint: "give the one that is here a new number with `modelctl publish --from`")
    }
  }

  private func stage(
    _ digest: Digest, _ entry: ArchiveStream.Entry, _ stream: ArchiveStream, _ fileBytes: Int64,
    _ content: inout Content
  ) throws {
    guard let wanted = content.missing[digest], content.staged[digest] == nil else { return }
    let limit = wanted ?? Int64(JSONLimits.standard.maximumBytes)
    if wanted == nil { try registry.requireRoom(bytes: entry.declaredBytes ?? limit, files: 2) }
    var total: Int64 = 0
    let staged = try registry.blobs.stage(in: operation, each: { _ in }) { _, buffer in
      let count = try stream.read(into: buffer)
      try operation.meter.reach(min(stream.bytesRead, fileBytes))
      total += Int64(count)
      guard total <= limit else {
        throw damaged("blob \(digest.short) has more bytes than its manifest says")
      }
      return count
    }
    guard staged.digest == digest, wanted == nil || staged.bytes == wanted else {
      throw damaged("the bytes of blob \(digest.short) don't match its digest")
    }
    content.staged[digest] = staged
  }

  private func commit(_ content: Content) throws -> (versions: [InstallResult], channels: [ChannelSetting]) {
    var results: [InstallResult] = []
    for member in content.members {
      guard let manifest = content.manifests[member.version] else { continue }
      try operation.meter.check()
      results.append(
        try afterwards(
          "install \(member.version)",
          standing: "versions before it are installed, and installing it again makes the rest"
        ) { try install(manifest, member.digest, content.staged) })
    }
    guard try RemotePlace(store: registry.store).read() == nil else { return (results, []) }
    var channels: [ChannelSetting] = []
    for setting in content.channels {
      let known = try index.read { try $0.channel(setting.adapter, setting.name) }
      guard known?.seq ?? 0 < setting.seq,
        let record = try index.read({ try $0.version(digest: setting.digest) }),
        // One adapter's channel says nothing of another's.
        record.version == setting.version
      else { continue }
      let recorded = try registry.record(
        setting.name, record, by: setting.by, at: setting.at, reason: setting.reason, least: setting.seq)
      if recorded.changed { channels.append(recorded.setting) }
    }
    return (results, channels)
  }

  private func install(
    _ manifest: Manifest, _ digest: Digest, _ staged: [Digest: StagedBlob]
  ) throws -> InstallResult {
    let wanted = Set(manifest.files.map(\.digest) + manifest.attached).sorted()
    let sizes = Dictionary(manifest.files.map { ($0.digest, $0.bytes) }) { first, _ in first }
    let blobs = try wanted.map { digest -> StagedBlob in
      if let blob = staged[digest] { return blob }
      let bytes = try sizes[digest] ?? index.read { try $0.blob(digest)?.bytes } ?? 0
      return StagedBlob(digest: digest, bytes: bytes, isReused: true)
    }
    let fetched = blobs.filter { !$0.isReused }.reduce(0) { $0 + $1.bytes }
    if let known = try index.read({ try $0.version(manifest.versionID) }) {
      // Somebody may have made another version of this name since the bundle was planned.
      try requireSame(known, digest)
      let isWhole = try registry.isWhole(
        known, index.read { try $0.files(of: known.id) }, index, operation.meter)
      if !isWhole { try registry.complete(known, blobs, operation, index) }
      return InstallResult(
        version: known.version, digest: digest, fetchedBytes: fetched,
        reusedBytes: manifest.totalBytes - min(fetched, manifest.totalBytes), alreadyInstalled: isWhole)
    }
    var publication = Publication(
      registry: registry, index: index, operation: operation, draft: { _ in manifest },
      number: manifest.number,
      adapter: manifest.adapter, staged: blobs, reusedBytes: 0)
    publication.kind = .fetch
    publication.adoptsExisting = false
    _ = try registry.naming { try publication.commit() }
    return InstallResult(
      version: manifest.versionID, digest: digest, fetchedBytes: fetched,
      reusedBytes: manifest.totalBytes - min(fetched, manifest.totalBytes), alreadyInstalled: false)
  }

  private func damaged(_ problem: String) -> RegistryError {
    RegistryError(
      .integrity, "the bundle \(path) can't be installed: \(problem)", unchanged: "no version was made",
      hint: "make it again with `modelctl bundle create`")
  }
}
