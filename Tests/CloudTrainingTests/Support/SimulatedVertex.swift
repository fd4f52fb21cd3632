import CloudSimulator
import GoogleCloud
import RegistryModel
import Testing

/// A simulated Vertex AI, and clients of it.
final class SimulatedVertex: Sendable {
  let simulator: Simulator
  let time = ManualClock()
  let waiting = FakeClock()

  init(requiresToken: Bool = false) throws {
    simulator = Simulator(requiresToken: requiresToken, clock: time.clock)
    try simulator.start()
  }

  deinit { simulator.stop() }

  /// - Parameter silenceSeconds: how long a server may say nothing.
  func client(
    region: String = "us-central1", credentials: Credentials = .anonymous, silenceSeconds: Int = 30
  ) throws -> VertexClient {
    let region = try VertexRegion(parsing: region)
    var configuration = try HTTPConfiguration()
    configuration.lowSpeedSeconds = silenceSeconds
    return VertexClient(
      try ProjectID(parsing: "simulated"), region, endpoint: try VertexEndpoint(region, base: simulator.url),
      http: HTTPClient(configuration), credentials: credentials, retry: RetryPolicy(), clock: waiting.clock)
  }

  /// How many requests of a kind there were.
  func count(_ kind: RequestKind) -> Int { simulator.requests.count { $0.kind == kind } }

  /// The state of every job that was made, in that order.
  var states: [String] { simulator.vertex.all.compactMap { $0["state"]?.asString } }
}

extension CustomJobRequest {
  static let digest = "sha256:" + String(repeating: "0a", count: 32)

  /// A request as tests make them.
  static func made(_ id: String = "job_000000000001", robot: String = "robot_001") throws -> CustomJobRequest
  {
    CustomJobRequest(
      jobID: try JobID(parsing: id), robot: try RobotName(parsing: robot),
      machine: .type("n1-standard-8", accelerator: "NVIDIA_TESLA_T4", count: 1),
      container: CustomJobContainer(
        image: "us-central1-docker.pkg.dev/p/trainers/trainer@\(digest)", arguments: ["worker", "run"],
        environment: ["JOB_ID": id]))
  }
}
