public import RegistryModel

/// What Vertex AI is asked to run for a training job: one container on one kind of machine.
///
/// Shapes and names are those of `google.cloud.aiplatform.v1.CustomJob`.
public struct CustomJobRequest: Sendable {
  /// The labels that every job of ours has; the first finds it again.
  public static let jobLabel = "job_id"
  public static let robotLabel = "robot_id"

  public var jobID: JobID
  public var robot: RobotName
  public var machine: CustomJobMachine
  public var container: CustomJobContainer
  /// How many of these machines.
  public var replicas: Int64 = 1
  public var disk: Disk?
  /// After so long it is ended; nil for Vertex AI's own limit, a week.
  public var timeoutSeconds: Int64? = 7200
  /// Cheaper machines, which are taken away when others pay more.
  public var isSpot = false
  /// Whose rights the container has; nil for Vertex AI's own account.
  public var serviceAccount: String?
  /// A folder `gs://BUCKET/PREFIX` for what the container writes, which it finds as `AIP_MODEL_DIR` and its kin.
  public var outputURI: String?
  /// Further labels.
  public var labels: [String: String] = [:]

  /// A machine's first disk.
  public struct Disk: Hashable, Sendable {
    /// `pd-ssd` or `pd-standard`.
    public var type: String
    public var gigabytes: Int64

    public init(type: String = "pd-ssd", gigabytes: Int64 = 100) {
      self.type = type
      self.gigabytes = gigabytes
    }
  }

  public init(
    jobID: JobID, robot: RobotName, machine: CustomJobMachine, container: CustomJobContainer
  ) {
    self.jobID = jobID
    self.robot = robot
    self.machine = machine
    self.container = container
  }

  /// How people see it in lists.
  public var displayName: String { "modelctl-\(jobID)" }
}

/// The kind of machine.
public enum CustomJobMachine: Hashable, Sendable {
  /// A machine type, such as `n1-standard-8`, with accelerators such as `NVIDIA_TESLA_T4`: type and number go together.
  case type(String, accelerator: String? = nil, count: Int64? = nil)
  /// A machine type with TPUs, such as `ct5lp-hightpu-4t`, in a topology such as `2x2`.
  case tpu(String, topology: String)
  /// A whole `machineSpec`, sent as it is.
  case spec(JSONValue)
}

/// What runs on the machine.
public struct CustomJobContainer: Hashable, Sendable {
  /// With its digest, `REGION-docker.pkg.dev/PROJECT/REPOSITORY/NAME@sha256:…`: a tag may be another image tomorrow.
  public var image: String
  /// Instead of the image's own; nil leaves that.
  public var command: [String]?
  public var arguments: [String]
  public var environment: [String: String]
  /// Whether the image may have a tag alone.
  public var allowsTag = false

  public init(
    image: String, command: [String]? = nil, arguments: [String] = [], environment: [String: String] = [:]
  ) {
    self.image = image
    self.command = command
    self.arguments = arguments
    self.environment = environment
  }
}
