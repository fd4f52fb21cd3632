public import RegistryModel

/// Something that isn't what its digest says.
public struct Damage: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    /// A blob's bytes.
    case blob
    /// A file of an installed tree that isn't a link to its blob.
    case file
    /// A `generation.json`.
    case generation
    /// A link that doesn't name what it should.
    case link
  }

  public let kind: Kind
  /// What the bytes should hash to; nil for a link.
  public let digest: Digest?
  /// Where it lies, relative to the store.
  public let paths: [String]
  /// The versions that are affected.
  public let versions: [VersionID]
  /// What is wrong, in words.
  public let problem: String
}

/// What `verify` read, and what it found.
public struct VerifyResult: Hashable, Sendable {
  public var checkedBlobs = 0
  public var checkedBytes: Int64 = 0
  /// Bytes that could not be read from the medium itself.
  public var bytesFromCache: Int64 = 0
  public var damaged: [Damage] = []
  /// Blobs that were bad and have been replaced.
  public var repaired: [Digest] = []
  public var warnings: [String] = []
}
