public import RegistryModel

/// What to publish, and what to say of it in the manifest.
public struct PublishRequest: Sendable {
  public var adapter: AdapterName
  /// Files and folders: a folder contributes its contents, a file its name.
  public var paths: [String]
  /// The number to take; nil: one more than the highest.
  public var number: Int?
  public var base: Reference?
  public var job: Manifest.JobReference?
  /// Episode archives: a digest, or the path of an archive or of its manifest.
  public var archives: [String]
  public var metrics: [String: Double]
  public var framework: String
  public var modelType: String
  public var requires: [Requirement]
  /// When the version was made; nil: now.
  public var createdAt: Timestamp?
  public var note: String?

  public init(
    adapter: AdapterName, paths: [String], number: Int? = nil, base: Reference? = nil,
    job: Manifest.JobReference? = nil, archives: [String] = [], metrics: [String: Double] = [:],
    framework: String = "unknown", modelType: String = "unknown", requires: [Requirement] = [],
    createdAt: Timestamp? = nil, note: String? = nil
  ) {
    self.adapter = adapter
    self.paths = paths
    self.number = number
    self.base = base
    self.job = job
    self.archives = archives
    self.metrics = metrics
    self.framework = framework
    self.modelType = modelType
    self.requires = requires
    self.createdAt = createdAt
    self.note = note
  }
}

/// What came of it.
public struct PublishResult: Hashable, Sendable {
  public let version: VersionID
  /// The manifest's digest: the version's identity.
  public let digest: Digest
  /// Whether the same content was a version already; then that version is the result.
  public let existing: Bool
  public let files: Int
  public let bytes: Int64
  /// Bytes that were here already and were not moved.
  public let reusedBytes: Int64
}

/// How far long work has come, and whether it is to go on: called from several threads, for each piece of bytes, and
/// about once a second where a network is waited for.
///
/// It throws `RegistryError(.cancelled, …)` to stop the work, which then ends with an error of that code. What was done by then
/// is what a kill at that moment would leave: nothing that was staged stays, and a transfer that began can be gone on with.
public typealias ProgressHandler = @Sendable (_ doneBytes: Int64, _ totalBytes: Int64) throws -> Void
