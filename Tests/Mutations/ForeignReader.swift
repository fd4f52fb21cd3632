public import RegistryModel

/// What of RegistryModel reads what others wrote: no bytes may crash it, and what it takes it can write and read
/// again, or keeps its own limits.
///
/// Tests try each with mutations, and `tools/evidence/libfuzzer` with whatever reaches more of the code.
public enum ForeignReader: String, CaseIterable, Sendable {
  case json, manifest, generation, token, archive, job, journal, bundle, channel, report, safetensors, npy
  case reference, version, digest, time, path

  /// The schema whose examples are good to begin with.
  public var schema: String? {
    switch self {
    case .json: "config.v1"
    case .manifest: "manifest.v1"
    case .generation: "generation.v1"
    case .token: "token.v1"
    case .archive: "archive.v1"
    case .job: "training-job.v1"
    case .journal, .bundle, .channel, .report, .safetensors, .npy, .reference, .version, .digest, .time,
      .path:
      nil
    }
  }

  /// Whether what the bytes were taken for is as it should be.
  /// - Throws: why they weren't taken.
  public func holds(_ bytes: [UInt8]) throws(RegistryError) -> Bool {
    switch self {
    case .json:
      let value = try JSONValue(parsing: bytes)
      return try JSONValue(parsing: value.canonicalBytes) == value
    case .manifest:
      let manifest = try Manifest(parsing: bytes)
      return try Manifest(parsing: manifest.canonicalBytes) == manifest
    case .generation:
      let record = try GenerationRecord(parsing: bytes)
      return try GenerationRecord(parsing: record.canonicalBytes) == record
    case .token:
      let record = try TokenRecord(parsing: bytes)
      return try TokenRecord(parsing: record.canonicalBytes) == record
    case .archive:
      return try ArchiveManifest(parsing: bytes).episodes.allSatisfy { episode in
        (1...ArchiveManifest.maximumBytesOfText).contains(episode.id.utf8.count)
          && episode.bytes ?? 0 >= 0 && episode.steps ?? 0 >= 0
      }
    case .job:
      let job = try TrainingJob(JSONValue(parsing: bytes))
      return try TrainingJob(job.json) == job
    case .journal:
      let name = JournalEntry(
        publishedAt: try Timestamp(parsing: "2026-01-05T10:15:00.123Z"),
        version: try VersionID(parsing: "robot_001_v4"), digest: try Digest(parsing: Self.digestOfSomething)
      ).name
      let entry = try JournalEntry(name: name, bytes: bytes)
      return try JournalEntry(name: entry.name, bytes: entry.bytes).bytes == entry.bytes
    case .bundle:
      let index = try BundleIndex(parsing: bytes)
      return try BundleIndex(parsing: index.bytes).bytes == index.bytes
    case .channel:
      let name = RemoteLayout.channel(
        try AdapterName(parsing: "robot_001"), try ChannelName(parsing: "stable"))
      let channel = try RemoteChannel(name: name, bytes: bytes)
      return try RemoteChannel(name: name, bytes: channel.bytes) == channel
    case .report:
      let name = RemoteLayout.robot(try RobotName(parsing: "arm_7"))
      let report = try RobotReport(name: name, bytes: bytes)
      return try RobotReport(name: name, bytes: report.bytes) == report
    case .safetensors:
      return try SafetensorsHeader(parsing: bytes, dataBytes: 16).tensors.allSatisfy {
        $0.range.upperBound <= 16
      }
    case .npy: return try NpyHeader(parsing: bytes).headerBytes <= bytes.count
    case .reference: return try isSame(bytes, Reference.init(parsing:))
    case .version: return try isSame(bytes, VersionID.init(parsing:))
    case .digest: return try isSame(bytes, Digest.init(parsing:))
    case .time: return try isSame(bytes, Timestamp.init(parsing:))
    case .path:
      let path = try RelativePath(parsing: String(decoding: bytes, as: UTF8.self))
      return !path.text.hasPrefix("/") && !path.text.split(separator: "/").contains("..")
    }
  }

  private static let digestOfSomething = "sha256:\(String(repeating: "ab", count: 32))"

  private func isSame<Value: CustomStringConvertible>(
    _ bytes: [UInt8], _ parse: (String) throws(RegistryError) -> Value
  ) throws(RegistryError) -> Bool {
    let value = try parse(String(decoding: bytes, as: UTF8.self))
    return try parse(value.description).description == value.description
  }
}
