import CloudSimulator
import CloudTraining
import GoogleCloud
import ModelRegistry
import RegistryModel
import TestSupport
import Testing

/// Jobs that a simulated Vertex AI is asked to train; what its container would do, a worker does here.
@Suite struct VertexLoopTests {
  private let cloud: SimulatedVertex
  private let hall: TrainingHall
  private let registry: Registry

  init() throws {
    cloud = try SimulatedVertex()
    hall = try TrainingHall("vertex")
    registry = try hall.registry()
  }

  private var policy: VertexPolicy {
    var policy = VertexPolicy(
      project: "simulated", region: "us-central1",
      image: "us-central1-docker.pkg.dev/p/trainers/trainer@\(CustomJobRequest.digest)")
    policy.acceleratorType = "NVIDIA_TESLA_T4"
    policy.acceleratorCount = 1
    policy.usesSpot = true
    policy.serviceAccount = "trainer@p.iam.gserviceaccount.com"
    policy.environment = ["MODELCTL_CONFIG": "/etc/modelctl/config.yaml"]
    return policy
  }

  private func service() throws -> CloudTrainingService {
    CloudTrainingService(
      registry, jobs: registry.indexJobs, backends: [VertexBackend(try cloud.client(), policy)])
  }

  private func triggered() throws -> StoredJob {
    try hall.record(["ep-1", "ep-2"])
    _ = try service().uploadEpisodes()
    var request = TrainingRequest()
    request.base = .none
    request.backend = .vertex
    return try service().triggerTraining(request)
  }

  @Test func `a custom job is made as configured, and its worker's version comes back`() throws {
    let stored = try triggered()
    let custom = try #require(cloud.simulator.vertex.all.first)
    #expect(stored.job.backendID == custom["name"]?.asString)
    let spec = custom["jobSpec"]
    let pool = spec?["workerPoolSpecs"]?.asArray?.first
    #expect(pool?["machineSpec"]?["acceleratorType"]?.asString == "NVIDIA_TESLA_T4")
    #expect(pool?["containerSpec"]?["args"] == ["worker", "run", "--job", .string(stored.job.id.text)])
    #expect(spec?["scheduling"]?["strategy"]?.asString == "SPOT")
    #expect(spec?["serviceAccount"]?.asString == policy.serviceAccount)
    #expect(custom["labels"]?["job_id"]?.asString == stored.job.id.text)
    guard case .completed(let result) = try hall.worker(registry).run(stored.job.id) else {
      return #expect(Bool(false))
    }
    #expect(try service().downloadResult(stored.job.id).version == result.version)
  }

  @Test func `a custom job that fails before its worker could say so fails the job, once it is silent`()
    throws
  {
    let stored = try triggered()
    try cloud.simulator.vertex.move(
      try #require(stored.job.backendID), to: .failed, error: "The image could not be pulled.")
    #expect(try service().jobStatus(stored.job.id).job.status == .queued)
    hall.fixture.time.advance(seconds: 91)
    let ended = try service().jobStatus(stored.job.id).job
    #expect(ended.status == .failed && ended.error?.contains("could not be pulled") == true)
  }

  @Test func `a job that is cancelled is cancelled there, too`() throws {
    let stored = try triggered()
    #expect(try service().cancel(stored.job.id, reason: "enough").job.status == .cancelled)
    #expect(cloud.states.allSatisfy { $0 == "JOB_STATE_CANCELLING" || $0 == "JOB_STATE_CANCELLED" })
  }

  @Test func `what Vertex AI refuses fails the job with its words; what it can't take now waits`() throws {
    cloud.simulator.faults.add(Fault(.answer(.rpc(400, "INVALID_ARGUMENT")), on: .vertexCreate))
    let refused = #expect(throws: RegistryError.self) { _ = try triggered() }
    #expect(refused?.unchanged.contains("failed") == true)
    #expect(try service().list(JobQuery(status: .failed)).jobs.count == 1)
    cloud.simulator.faults.add(Fault(.answer(.rpc(503, "UNAVAILABLE")), on: .vertexCreate, times: 100))
    #expect(throws: RegistryError.self) { _ = try triggered() }
    let waiting = try #require(try service().list(JobQuery(status: .queued)).jobs.first)
    #expect(waiting.job.backendID == nil)
    cloud.simulator.faults.removeAll()
    #expect(try service().resume().resumed == [waiting.job.id])
    #expect(try service().job(waiting.job.id).job.backendID != nil)
  }
}
