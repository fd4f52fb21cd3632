public import GoogleCloud
import ModelRegistry
public import RegistryModel

/// Trains as a custom job of Vertex AI, whose container runs a worker.
public struct VertexBackend: TrainingBackend {
  public let name = TrainingBackendName.vertex
  private let client: VertexClient
  private let policy: VertexPolicy

  public init(_ client: VertexClient, _ policy: VertexPolicy) {
    self.client = client
    self.policy = policy
  }

  public func submit(_ job: TrainingJob) throws(RegistryError) -> String {
    try client.createOnce(request(job)).name.text
  }

  /// What is sent: the job's name, and nothing of its document, which the worker reads where it is kept.
  public func request(_ job: TrainingJob) throws(RegistryError) -> CustomJobRequest {
    var environment = policy.environment
    environment["JOB_ID"] = job.id.text
    var request = CustomJobRequest(
      jobID: job.id, robot: job.robot, machine: machine,
      container: CustomJobContainer(
        image: policy.image, arguments: ["worker", "run", "--job", job.id.text], environment: environment))
    request.timeoutSeconds = policy.timeLimitMilliseconds / 1000
    request.isSpot = policy.usesSpot
    request.serviceAccount = policy.serviceAccount
    request.disk = CustomJobRequest.Disk(gigabytes: Int64(policy.bootDiskGigabytes))
    return request
  }

  private var machine: CustomJobMachine {
    if let spec = policy.machineSpec { return .spec(.object(spec)) }
    if let topology = policy.tpuTopology { return .tpu(policy.machineType, topology: topology) }
    return .type(
      policy.machineType, accelerator: policy.acceleratorType, count: policy.acceleratorCount.map(Int64.init))
  }

  public func outcome(of job: TrainingJob) throws(RegistryError) -> BackendOutcome? {
    guard
      let name = try job.backendID.flatMap({ (text) throws(RegistryError) in try CustomJobName(parsing: text)
      }),
      let custom = try client.job(name)
    else { return nil }
    switch custom.state.outcome {
    case .succeeded: return .ended
    case .failed: return .failed("Vertex AI says: \(custom.error ?? "\(custom.state)")")
    case .cancelled: return .cancelled
    case nil: return nil
    }
  }

  public func cancel(_ job: TrainingJob) throws(RegistryError) {
    guard let text = job.backendID else { return }
    try client.cancel(CustomJobName(parsing: text))
  }
}
