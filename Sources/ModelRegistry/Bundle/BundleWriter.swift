import DurableFiles
import RegistryModel

/// The content of a bundle, in an order in which it can be installed from one reading: manifests first, bytes last.
struct BundleWriter {
  let registry: Registry
  let index: Index
  let meter: ProgressMeter

  /// The channels that were put into it are returned.
  func write(_ records: [VersionRecord], to file: NewFile) throws -> [ChannelSetting] {
    let members = BundleIndex(records.map { BundleIndex.Member(version: $0.version, digest: $0.digest) })
    let manifests = try members.versions.map { member in
      try registry.manifest(of: registry.resolve(.version(member.version)))
    }
    let channels = try channels(of: Set(members.versions.map(\.digest)), manifests)
    let archive = try ArchiveWriter(file)
    try archive.add(BundleIndex.name, members.bytes)
    for manifest in manifests {
      try archive.add(RemoteLayout.manifest(manifest.versionID), manifest.canonicalBytes)
    }
    for channel in channels {
      try archive.add(RemoteLayout.channel(channel.adapter, channel.name), RemoteChannel(channel).bytes)
    }
    for manifest in manifests {
      try archive.add(
        RemoteLayout.checksums(manifest.versionID), Array(RemoteLayout.checksumText(manifest.files).utf8))
    }
    let blobs = try blobs(of: records)
    try meter.begin(blobs.reduce(0) { $0 + $1.value })
    for (digest, bytes) in blobs { try add(digest, bytes, to: archive) }
    try archive.finish()
    return channels
  }

  private func channels(of digests: Set<Digest>, _ manifests: [Manifest]) throws -> [ChannelSetting] {
    try Set(manifests.map(\.adapter)).sorted().flatMap { adapter in
      try index.read { try $0.channels(of: adapter, after: nil, limit: .max) }
    }.filter { digests.contains($0.digest) }
  }

  private func blobs(of records: [VersionRecord]) throws -> [(key: Digest, value: Int64)] {
    var blobs: [Digest: Int64] = [:]
    for record in records {
      for file in try index.read({ try $0.files(of: record.id) }) {
        try registry.requireGood(file, of: record.version, index, meter)
        blobs[file.digest] = file.bytes
      }
      for (digest, bytes) in try index.read({ try $0.attachments(of: record) }) { blobs[digest] = bytes }
    }
    return blobs.sorted { $0.key < $1.key }
  }

  /// Hashed on its way: what a bundle holds is what its names say.
  private func add(_ digest: Digest, _ bytes: Int64, to archive: ArchiveWriter) throws {
    let blob = try registry.blobs.open(digest)
    guard blob.size == bytes else { throw BlobStore.bad(digest) }
    let hash = try SHA256()
    try archive.add(RemoteLayout.blob(digest), bytes: bytes) { offset, buffer in
      let count = try blob.read(at: offset, into: buffer)
      try hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      try meter.add(Int64(count))
      return count
    }
    guard try hash.finish() == digest else { throw BlobStore.bad(digest) }
  }
}
