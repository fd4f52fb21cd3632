/// What a version is: its files, where it comes from, what it needs. Immutable.
///
/// A version's identity is the SHA-256 of its manifest's bytes, so there is one spelling of a manifest, canonical
/// JSON (RFC 8785), and every other is refused. A value of this type always satisfies the rules of the format, v1
/// (`schemas/manifest.v1.json`): the only ways to one are the checking initialisers.
public struct Manifest: Sendable {
  /// What the `schema` field says.
  public static let schema = "manifest.v1"

  /// The line that the version belongs to.
  public let adapter: AdapterName
  /// The version's number within its adapter, in ``VersionID/numbers``.
  public private(set) var number: Int
  /// When the version was made, as its author says.
  public let createdAt: Timestamp
  /// The kind of base model, such as `wavecore`.
  public let modelType: String
  /// What can load the files, such as `jax`.
  public let framework: String
  /// At least one file, sorted by the bytes of the paths.
  public let files: [File]
  /// The version that this one was trained from.
  public let base: BaseReference?
  /// The training job that made this version.
  public let job: JobReference?
  /// The episode archives that it was trained on, sorted by digest.
  public let archives: [ArchiveReference]
  /// Measurements at the time of training, all finite.
  public let metrics: [String: Double]
  /// What a machine and a set must offer to run this version, in the author's order.
  public let requires: [Requirement]
  /// Words for people; may have several lines.
  public let note: String?
  /// Where the version was imported from.
  public let origin: Origin?

  /// The version's name; its number was checked when this manifest was made.
  public private(set) var versionID: VersionID
  /// The sum of the files' sizes, at most 2^53 - 1.
  public let totalBytes: Int64

  /// The same under another number.
  ///
  /// - Throws: `integrity` for a number that is out of range.
  public func numbered(_ number: Int) throws(RegistryError) -> Manifest {
    var manifest = self
    manifest.number = number
    manifest.versionID = try Rules.versionID(adapter: adapter, number: number)
    return manifest
  }

  /// Makes a manifest, and checks every rule of the format.
  ///
  /// - Throws: `integrity`, saying which field breaks which rule.
  public init(
    adapter: AdapterName,
    number: Int,
    createdAt: Timestamp,
    modelType: String,
    framework: String,
    files: [File],
    base: BaseReference? = nil,
    job: JobReference? = nil,
    archives: [ArchiveReference] = [],
    metrics: [String: Double] = [:],
    requires: [Requirement] = [],
    note: String? = nil,
    origin: Origin? = nil
  ) throws(RegistryError) {
    versionID = try Rules.versionID(adapter: adapter, number: number)
    totalBytes = try Rules.check(files: files)
    try Rules.check(text: modelType, field: "model_type", maximumBytes: Limits.labelBytes)
    try Rules.check(text: framework, field: "framework", maximumBytes: Limits.labelBytes)
    try Rules.check(base: base, of: versionID)
    try Rules.check(job: job)
    try Rules.check(archives: archives)
    try Rules.check(metrics: metrics)
    try Rules.check(requires: requires)
    try Rules.check(note: note)
    try Rules.check(origin: origin)
    self.adapter = adapter
    self.number = number
    self.createdAt = createdAt
    self.modelType = modelType
    self.framework = framework
    self.files = files
    self.base = base
    self.job = job
    self.archives = archives
    self.metrics = metrics
    self.requires = requires
    self.note = note
    self.origin = origin
  }
}

extension Manifest: Hashable {
  /// Equal means the same canonical bytes, and so the same identity.
  public static func == (lhs: Manifest, rhs: Manifest) -> Bool {
    lhs.versionID == rhs.versionID && lhs.canonicalBytes == rhs.canonicalBytes
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(versionID)
    hasher.combine(createdAt)
  }
}
