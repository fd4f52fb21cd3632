/// What an episode archive holds, as the document beside it says: `schemas/archive.v1.json`.
///
/// Whoever packed the archive wrote it, so unknown fields are accepted and digests are read in every spelling.
public struct ArchiveManifest: Hashable, Sendable {
  /// One recorded episode.
  public struct Episode: Hashable, Sendable {
    /// Its name, 1 to 256 bytes of text.
    public let id: String
    /// The SHA-256 of the episode.
    public let digest: Digest
    /// How many steps it has; nil where the document doesn't say.
    public let steps: Int64?
    /// Its size; nil where the document doesn't say.
    public let bytes: Int64?

    public init(id: String, digest: Digest, steps: Int64? = nil, bytes: Int64? = nil) {
      self.id = id
      self.digest = digest
      self.steps = steps
      self.bytes = bytes
    }
  }

  public static let maximumEpisodes = 1_000_000
  public static let maximumBytesOfText = 256

  /// The SHA-256 of the archive.
  public let archive: Digest
  /// The archive's size; nil where the document doesn't say.
  public let bytes: Int64?
  /// The robot that recorded it; nil where the document doesn't say.
  public let robot: String?
  public let createdAt: Timestamp?
  public let episodes: [Episode]

  public init(archive: Digest, bytes: Int64?, robot: String?, createdAt: Timestamp?, episodes: [Episode]) {
    self.archive = archive
    self.bytes = bytes
    self.robot = robot
    self.createdAt = createdAt
    self.episodes = episodes
  }

  /// Reads the document.
  ///
  /// - Throws: `integrity` for anything but a JSON object with `archive` and `episodes`, each of these with `id` and
  ///   `sha256`; for an id that occurs twice; for a field of the wrong kind.
  public init(parsing bytes: [UInt8]) throws(RegistryError) {
    let context = "archive's manifest"
    var reader = try JSONReader(try JSONValue(parsing: bytes), context: context)
    archive = try reader.required("archive", .anyDigest)
    self.bytes = try reader.nullableOptional("size", .count)
    robot = try reader.nullableOptional("robot", .label)
    createdAt = try reader.nullableOptional("created", .timestamp)
    let list = try reader.required("episodes", .array)
    guard list.count <= Self.maximumEpisodes else {
      throw reader.problem(with: "episodes", "has more than \(Self.maximumEpisodes) elements")
    }
    var episodes: [Episode] = []
    var seen: Set<String> = []
    for (position, value) in list.enumerated() {
      var item = try JSONReader(value, context: "\(context).episodes[\(position)]")
      let episode = Episode(
        id: try item.required("id", .label), digest: try item.required("sha256", .anyDigest),
        steps: try item.nullableOptional("steps", .count), bytes: try item.nullableOptional("bytes", .count))
      guard seen.insert(episode.id).inserted else {
        throw item.problem(with: "id", "is \(episode.id.quoted), which is there already")
      }
      episodes.append(episode)
    }
    self.episodes = episodes
  }
}

extension JSONReader {
  /// A field that may be missing or `null`: both are nil.
  mutating func nullableOptional<Value>(
    _ key: String, _ kind: JSONKind<Value>
  ) throws(RegistryError) -> Value? {
    guard let value = try optional(key, .any), !value.isNull else { return nil }
    return try required(key, kind)
  }
}

extension JSONKind where Value == Digest {
  /// `sha256:HEX` or the 64 digits alone, in either case.
  static var anyDigest: Self {
    .parsed { (text) throws(RegistryError) in
      let lower = text.lowercased()
      return try Digest(parsing: lower.afterPrefix(Digest.prefix) == nil ? Digest.prefix + lower : lower)
    }
  }
}

extension JSONKind where Value == Int64 {
  /// An integer that isn't negative.
  static var count: Self {
    Self(name: "an integer from 0 on") { (json) throws(RegistryError) in
      json.asInt.flatMap { $0 < 0 ? nil : $0 }
    }
  }
}

extension JSONKind where Value == String {
  /// Text of 1 to 256 bytes without control characters.
  static var label: Self {
    .parsed { (text) throws(RegistryError) in
      guard 1...ArchiveManifest.maximumBytesOfText ~= text.utf8.count,
        !text.unicodeScalars.contains(where: \.isUnsafeInText)
      else {
        throw RegistryError(
          .integrity, "\(text.quoted) is no name of 1 to \(ArchiveManifest.maximumBytesOfText) bytes",
          hint: "choose a shorter name without control characters")
      }
      return text
    }
  }
}
