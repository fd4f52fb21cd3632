/// A line of a remote's journal: this version was published, then. Entries are never changed.
///
/// The name says when by the store's own clock, the manifest's, so that reading the names from a moment on finds what
/// came since, whatever robots take the time for.
public struct JournalEntry: Hashable, Sendable {
  public let publishedAt: Timestamp
  public let version: VersionID
  public let digest: Digest

  public init(publishedAt: Timestamp, version: VersionID, digest: Digest) {
    self.publishedAt = publishedAt
    self.version = version
    self.digest = digest
  }

  public var name: RelativePath {
    RemoteLayout.path("\(RemoteLayout.journal)\(Self.text(publishedAt))-\(version).json")
  }

  public var bytes: [UInt8] {
    JSONValue.object([
      "version": .string(version.description), "digest": .string(digest.description),
      "published_at": .string(publishedAt.description),
    ]).canonicalBytes
  }

  /// Where to begin so that nothing from this moment on is missed.
  public static func start(from moment: Timestamp) -> String { RemoteLayout.journal + text(moment) }

  /// Time and version as an entry's name has them; nil for a name that no entry has.
  public static func parse(name: RelativePath) -> (publishedAt: Timestamp, version: VersionID)? {
    guard let rest = name.text.afterPrefix(RemoteLayout.journal), rest.hasSuffix(".json"),
      let (time, version) = String(rest.dropLast(5)).splitOnce(at: UInt8(ascii: "-")),
      let publishedAt = timestamp(time), let version = try? VersionID(parsing: version)
    else { return nil }
    return (publishedAt, version)
  }

  /// - Throws: `integrity` for a document that no push writes, or that its name contradicts.
  public init(name: RelativePath, bytes: [UInt8]) throws(RegistryError) {
    var reader = try JSONReader(JSONValue(parsing: bytes), context: "journal")
    self.init(
      publishedAt: try reader.required("published_at", .timestamp),
      version: try reader.required("version", .version),
      digest: try reader.required("digest", .digest))
    try reader.finish()
    guard self.name.text == name.text else {
      throw RegistryError(
        .integrity, "the journal entry \(name.text.quoted) speaks of \(self.name.text.quoted)",
        hint: "somebody else writes into the remote's journal: look at the object")
    }
  }

  /// `20260105T101500123Z`: sorts as text, and is a plain name.
  private static func text(_ moment: Timestamp) -> String {
    moment.description.filter { !"-:.".contains($0) }
  }

  private static func timestamp(_ text: String) -> Timestamp? {
    let digits = Array(text)
    guard digits.count == 19, digits[8] == "T", digits[18] == "Z" else { return nil }
    func part(_ range: Range<Int>) -> String { String(digits[range]) }
    return try? Timestamp(
      parsing:
        "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))."
        + "\(part(15..<18))Z")
  }
}
