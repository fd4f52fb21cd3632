/// How versions are trained from what the robot records: the section `training` of the configuration.
public struct TrainingPolicy: Hashable, Sendable {
  /// Where jobs are kept.
  public enum Jobs: Hashable, Sendable {
    /// In this store's own index: the embedded default.
    case index
    /// Firestore of this project and database.
    case firestore(project: String, database: String)
  }

  /// The folder that the robot records into; nil: it is named with each command.
  public var recordings: String?
  /// Where episodes and events' objects go; nil: the remote that is set.
  public var data: RemoteURI?
  public var jobs = Jobs.index
  /// Whose versions are trained where nobody says.
  public var adapter: AdapterName?
  public var backend = TrainingBackendName.local
  /// What trainers are told, beside what a job says.
  public var config: [String: JSONValue] = [:]
  /// Whether jobs are triggered without being asked.
  public var isAutomatic = false
  /// Whether a finished job's version is installed without being asked.
  public var installsResults = false
  /// Whether a version that is installed from a job is activated, on trial.
  public var activatesResults = false
  public var worker = WorkerPolicy()
  public var decision = DecisionPolicy()
  public var vertex: VertexPolicy?

  public init() {}
}

/// How a worker trains.
public struct WorkerPolicy: Hashable, Sendable {
  /// The trainer's program and arguments; no shell is involved.
  public var command: [String] = []
  /// Variables that the trainer gets beside those that say where things are.
  public var environment: [String: String] = [:]
  /// How long a trainer may take, and how long it may print nothing; nil: as long as it likes.
  public var timeLimitMilliseconds: Int64? = 24 * 3_600_000
  public var silenceLimitMilliseconds: Int64?
  /// How long a trainer that was told to stop has to write down where it is.
  public var graceMilliseconds: Int64 = 60_000
  /// Between two signs of life.
  public var heartbeatMilliseconds: Int64 = 15_000
  /// After how long without one a worker is taken for dead; more than two heartbeats.
  public var takeoverMilliseconds: Int64 = 90_000
  /// The source revision and image that are written into the lineage.
  public var codeVersion: String?
  public var imageDigest: Digest?
  /// What manifests say that it was trained with.
  public var framework = "jax"

  public init() {}
}

/// What a custom job of Vertex AI runs on.
public struct VertexPolicy: Hashable, Sendable {
  public var project: String
  public var region: String
  /// With its digest: a tag may name another image tomorrow.
  public var image: String
  public var machineType = "n1-standard-8"
  public var acceleratorType: String?
  public var acceleratorCount: Int?
  public var tpuTopology: String?
  /// Vertex AI's `MachineSpec`, passed through as it is, in the place of the four above.
  public var machineSpec: [String: JSONValue]?
  /// In GiB, which Google Cloud calls GB.
  public var bootDiskGigabytes = 100
  /// Cheaper, and may be taken away at any time.
  public var usesSpot = false
  /// After so long Vertex AI ends it.
  public var timeLimitMilliseconds: Int64 = 2 * 3_600_000
  /// Whose rights the container has, by its address; nil: Vertex AI's own.
  public var serviceAccount: String?
  /// Variables of the container, beside the job's name.
  public var environment: [String: String] = [:]

  public init(project: String, region: String, image: String) {
    self.project = project
    self.region = region
    self.image = image
  }
}

/// When to train here, in the cloud, or not yet.
public struct DecisionPolicy: Hashable, Sendable {
  /// New valid episodes since the last job, at least.
  public var localEpisodes = 4
  public var cloudEpisodes = 20
  /// What training takes of memory, in bytes.
  public var localMemoryBytes: Int64 = 2 << 30
  public var maximumCelsius = 75.0
  /// Where it isn't charging.
  public var minimumBatteryPercent = 30.0
  /// Between the beginnings of two jobs; 0: none.
  public var coolDownMilliseconds: Int64 = 6 * 3_600_000
  /// Within 7 days, wherever they run.
  public var jobsPerWeek = 7
  /// What a cloud job costs, and what may be spent in a week, in the unit of one's choice; nil: no limit.
  public var costPerCloudJob = 0.0
  public var costPerWeek: Double?
  /// Where the machine tells its temperature in degrees, or in thousandths as Linux does, and its battery's charge in
  /// percent, with the file `status` beside it; nil: what Linux has under `/sys`.
  public var temperatureFile: String?
  public var batteryFile: String?

  public init() {}
}
