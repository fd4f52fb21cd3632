/// A training job's document: what is to be trained, who does it, how far that is, and what came of it.
///
/// `training_jobs/JOB_ID` in Firestore, or a row of the embedded index: `schemas/training-job.v1.json`.
public struct TrainingJob: Hashable, Sendable {
  /// The version that training starts from.
  public typealias Base = Manifest.BaseReference

  /// Who has the job.
  public struct Worker: Hashable, Sendable {
    /// Names one run of a worker, never two.
    public let id: String
    /// Counts the claims of this job from 1.
    public let attempt: Int64
    /// By the worker's own clock, for people; the store's clock decides who is dead.
    public var heartbeatAt: Timestamp

    public init(id: String, attempt: Int64, heartbeatAt: Timestamp) {
      self.id = id
      self.attempt = attempt
      self.heartbeatAt = heartbeatAt
    }
  }

  /// What came of it.
  public struct Result: Hashable, Sendable {
    /// The version's folder on the remote. For readers; the digest decides.
    public let modelURI: String?
    public let version: VersionID?
    /// The manifest's.
    public let digest: Digest?
    public let finalLoss: Double?
    public let trainingSeconds: Double?

    public init(
      modelURI: String?, version: VersionID?, digest: Digest?, finalLoss: Double? = nil,
      trainingSeconds: Double? = nil
    ) {
      self.modelURI = modelURI
      self.version = version
      self.digest = digest
      self.finalLoss = finalLoss
      self.trainingSeconds = trainingSeconds
    }
  }

  public let id: JobID
  public let robot: RobotName
  public internal(set) var status: JobStatus
  /// Counts the changes; every one has another, so that none goes unnoticed.
  public internal(set) var seq: Int64
  public let createdAt: Timestamp
  public internal(set) var updatedAt: Timestamp
  /// What the trainer is told: an object, with whatever a trainer knows.
  public let config: JSONValue
  /// Whose next version is made; nil in documents of others, which nobody here works on.
  public let adapter: AdapterName?
  public let base: Base?
  public internal(set) var episodesURI: String?
  public internal(set) var episodesDigest: Digest?
  public let backend: TrainingBackendName?
  /// What the backend calls it.
  public internal(set) var backendID: String?
  public internal(set) var worker: Worker?
  /// The version that its worker is going to make; kept when the job changes hands.
  public internal(set) var reserved: VersionID?
  public internal(set) var progress: TrainerProgress?
  public internal(set) var result: Result?
  public internal(set) var error: String?

  /// A new job.
  ///
  /// - Parameter backend: nil in documents of others alone.
  public init(
    id: JobID, robot: RobotName, createdAt: Timestamp, config: JSONValue, adapter: AdapterName?, base: Base?,
    backend: TrainingBackendName?
  ) {
    self.id = id
    self.robot = robot
    self.createdAt = createdAt
    self.config = config
    self.adapter = adapter
    self.base = base
    self.backend = backend
    status = .pending
    seq = 1
    updatedAt = createdAt
  }

  /// The same job under what a backend calls it, for a question and no document.
  package mutating func name(backendID: String) { self.backendID = backendID }

  /// The seed that the configuration names.
  public var seed: Int64? { config["seed"]?.asInt }
}

/// What trains: this machine, Vertex AI, or whoever an object in the bucket wakes.
public enum TrainingBackendName: String, CaseIterable, Sendable {
  case local
  case vertex
  case event

  /// Reads a backend's name.
  ///
  /// - Throws: `usage` for any other word.
  public init(parsing text: String) throws(RegistryError) {
    guard let name = TrainingBackendName(rawValue: text) else {
      throw RegistryError(
        .usage, "\(text.quoted) is no backend",
        hint: "one of \(Self.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    self = name
  }
}
