/// Measured results that were attached to a version after it was made: a document by its digest, when and by whom.
///
/// It lies beside the index as a mark, a symbolic link `VERSION.HEX` whose text is "TIME WHO" (docs/format.md,
/// "Marks"); the document is a blob.
public struct EvaluationRecord: Hashable, Sendable {
  public static let maximumBytesOfBy = 256

  public let version: VersionID
  /// The SHA-256 of the document's bytes.
  public let digest: Digest
  public let at: Timestamp
  /// Who measured; at most 256 bytes, what is longer is cut.
  public let by: String

  public init(version: VersionID, digest: Digest, at: Timestamp, by: String) {
    self.version = version
    self.digest = digest
    self.at = at
    self.by = by.storable(maximumBytes: Self.maximumBytesOfBy, keepingNewlines: false)
  }

  /// The mark's name.
  public var markName: String { "\(version).\(digest.hex)" }

  /// The mark's text.
  public var markText: String { "\(at) \(by)" }

  /// Reads a mark back. The name is what counts: a text that doesn't parse leaves time and person unknown.
  ///
  /// - Throws: `integrity` for a name that no evaluation has.
  public init(markName: String, text: String) throws(RegistryError) {
    guard let (version, hex) = markName.splitOnce(at: UInt8(ascii: ".")) else {
      throw RegistryError(
        .integrity, "the mark \(markName.quoted) says nothing of an evaluation", hint: "evaluate again")
    }
    let words = text.splitOnce(at: UInt8(ascii: " "))
    let at = words.flatMap { try? Timestamp(parsing: $0.0) }
    self.init(
      version: try VersionID(parsing: version), digest: try Digest(hex: hex),
      at: at ?? Timestamp(milliseconds: 0), by: at == nil ? "unknown" : words?.1 ?? "unknown")
  }
}
