import CloudTraining
import Foundation
import ModelRegistry
import RegistryModel
import TestSupport
import Testing

/// A robot with episodes and a directory remote, and a trainer that is a shell script.
struct TrainingHall {
  let fixture: StoreFixture
  let remote: String

  /// What a good trainer does: reads its episodes, tells how far it is, and writes a model that depends on both.
  static let goodTrainer = """
    for n in 1 2 3; do echo "{\\"step\\":$n,\\"total_steps\\":3,\\"loss\\":0.$((9-n))}"; done
    ls -R "$EPISODES_DIR" | sha256sum > "$OUTPUT_DIR/lora_adapters.safetensors"
    [ -z "$BASE_DIR" ] || cat "$BASE_DIR"/lora_adapters.safetensors >> "$OUTPUT_DIR/lora_adapters.safetensors"
    cp "$CONFIG" "$OUTPUT_DIR/config.json"
    echo '{"final_loss":0.5,"heldout_loss":0.6}' > "$OUTPUT_DIR/metrics.json"
    """

  init(_ label: String = "training") throws {
    fixture = try StoreFixture(label)
    remote = fixture.scratch("remote")
    try FileManager.default.createDirectory(atPath: remote, withIntermediateDirectories: true)
    try registry().setRemote(RemoteURI(parsing: "file://\(remote)"))
  }

  init(at fixture: StoreFixture) {
    self.fixture = fixture
    remote = fixture.scratch("remote")
  }

  static func options(
    _ fixture: StoreFixture, trainer: String = goodTrainer,
    _ change: (inout TrainingPolicy) -> Void = { _ in }
  ) throws -> OpenOptions {
    var configuration = Configuration()
    configuration.remote.robot = try RobotName(parsing: "robot_001")
    var policy = TrainingPolicy()
    policy.adapter = try AdapterName(parsing: "robot_001")
    policy.config = ["model_type": "wavecore", "epochs": 2, "seed": 7]
    policy.recordings = fixture.scratch("recordings")
    policy.worker.command = ["/bin/sh", "-ec", trainer]
    policy.worker.heartbeatMilliseconds = 60_000
    policy.worker.graceMilliseconds = 5000
    policy.worker.codeVersion = "r1"
    // Whatever machine this is.
    policy.decision.localMemoryBytes = 1
    policy.decision.maximumCelsius = 1000
    policy.decision.minimumBatteryPercent = 0
    change(&policy)
    configuration.training = policy
    return fixture.options(configuration)
  }

  func registry(
    trainer: String = goodTrainer, _ change: (inout TrainingPolicy) -> Void = { _ in }
  ) throws -> Registry {
    try Registry.open(fixture.root, Self.options(fixture, trainer: trainer, change))
  }

  /// The service, whose local backend only notes what it is asked for.
  func service(
    _ registry: Registry,
    launch: @escaping @Sendable (JobID) throws(RegistryError) -> String = { _ in "noted" }
  ) -> CloudTrainingService {
    CloudTrainingService(
      registry, jobs: registry.indexJobs,
      backends: [LocalBackend(registry, launch: launch), EventBackend(registry)])
  }

  /// Episodes in both layouts.
  func record(_ names: [String]) throws {
    for (number, name) in names.enumerated() {
      let step = #"{"observation":{"x":\#(number)},"action":[0.5]}"#
      if number % 2 == 0 {
        try fixture.scratch.write(
          "recordings/\(name).json", #"{"metadata":{"robot":"robot_001"},"steps":[\#(step),\#(step)]}"#)
      } else {
        try fixture.scratch.write("recordings/\(name)/metadata.json", #"{"robot":"robot_001","steps":2}"#)
        try fixture.scratch.write("recordings/\(name)/steps/000.jsonl", "\(step)\n\(step)\n")
        try fixture.scratch.write("recordings/\(name)/blobs/\(name).bin", "bytes of \(name)")
      }
    }
  }

  /// A queued job over fresh episodes.
  func job(
    _ registry: Registry, base: TrainingRequest.Base = .none,
    _ change: (inout TrainingRequest) -> Void = { _ in }
  ) throws -> JobID {
    let service = service(registry)
    try record(["ep-1", "ep-2", "ep-3"])
    _ = try service.uploadEpisodes()
    var request = TrainingRequest()
    request.base = base
    change(&request)
    return try service.triggerTraining(request).job.id
  }

  func worker(
    _ registry: Registry, trainer: String = goodTrainer,
    shouldStop: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (TrainerProgress) -> Void = { _ in },
    changing change: (inout TrainingPolicy) -> Void = { _ in }
  ) throws -> Worker {
    Worker(
      registry, try Self.options(fixture, trainer: trainer, change), jobs: registry.indexJobs,
      shouldStop: shouldStop, progress: progress)
  }

  /// A version as an earlier training made it.
  func publishBase(in registry: Registry) throws -> PublishResult {
    let folder = try fixture.scratch.write("base/lora_adapters.safetensors", "weights")
    return try registry.publish(
      PublishRequest(
        adapter: AdapterName(parsing: "robot_001"), paths: [(folder as NSString).deletingLastPathComponent]))
  }

  /// The versions on the remote whose manifests name this job.
  func versions(of job: JobID) throws -> [String] {
    let folder = "\(remote)/adapters"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return try names.sorted().filter { name in
      guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)/manifest.json") else {
        return false
      }
      return try Manifest(parsing: [UInt8](data)).job?.id == job.text
    }
  }
}
