/// What a bundle holds, its first entry: versions, and channels that name them.
///
/// Everything else in a bundle has the name that it has on a remote, and comes in this order: manifests, channels,
/// checksums, blobs.
public struct BundleIndex: Hashable, Sendable {
  public static let schema = "bundle.v1"
  public static let name = RemoteLayout.path("bundle.json")

  public struct Member: Hashable, Sendable {
    public let version: VersionID
    public let digest: Digest

    public init(version: VersionID, digest: Digest) {
      self.version = version
      self.digest = digest
    }
  }

  /// Sorted, none twice.
  public let versions: [Member]

  public init(_ versions: [Member]) {
    self.versions = Dictionary(versions.map { ($0.version, $0) }) { first, _ in first }.values
      .sorted { $0.version < $1.version }
  }

  public var bytes: [UInt8] {
    JSONValue.object([
      "schema": .string(Self.schema),
      "versions": .array(
        versions.map {
          ["version": .string($0.version.description), "digest": .string($0.digest.description)]
        }),
    ]).canonicalBytes
  }

  /// - Throws: `integrity` for anything else, `refused` for a newer schema.
  public init(parsing bytes: [UInt8]) throws(RegistryError) {
    var reader = try JSONReader(JSONValue(parsing: bytes), context: "bundle")
    let schema = try reader.required("schema", .string)
    guard schema == Self.schema else {
      throw RegistryError(
        .refused, "the bundle is \(schema.quoted), and this program knows \(Self.schema)",
        hint: "use a newer modelctl, or make the bundle with this one")
    }
    var members: [Member] = []
    for item in try reader.required("versions", .array) {
      var fields = try JSONReader(item, context: "bundle.versions")
      members.append(
        Member(
          version: try fields.required("version", .version), digest: try fields.required("digest", .digest)))
      try fields.finish()
    }
    try reader.finish()
    self.init(members)
    guard versions.count == members.count, !versions.isEmpty else {
      throw RegistryError(
        .integrity, "the bundle names no version, or one twice", hint: "make the bundle again")
    }
  }
}
