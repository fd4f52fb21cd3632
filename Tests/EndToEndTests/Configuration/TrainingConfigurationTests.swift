import ModelRegistry
import RegistryModel
import Testing

@testable import modelctl

enum TrainingConfiguration {
  static let digest = "sha256:" + String(repeating: "ab", count: 32)
  static let vertex = "project: continuon-prod, region: us-central1, image: host/trainer@\(digest)"
}

@Suite struct `The section training` {
  @Test func `its full example means what it says`() throws {
    let example = try #require(try ConfigurationSchema.examples().first { $0.name == "full.json" })
    let training = try configuration(example.text).configuration.training
    var expected = TrainingPolicy()
    expected.recordings = "/srv/episodes"
    expected.data = try RemoteURI(parsing: "gs://continuon-data")
    expected.jobs = .firestore(project: "continuon-prod", database: "training")
    expected.adapter = try AdapterName(parsing: "robot_001")
    expected.backend = .vertex
    expected.config = [
      "model_type": "wavecore", "epochs": 100, "learning_rate": 0.0001, "shuffle": true, "layers": [64, 64],
      "optimizer": ["name": "adam", "betas": [0.9, 0.999]],
    ]
    (expected.isAutomatic, expected.installsResults, expected.activatesResults) = (true, true, true)
    expected.worker.command = ["python3", "-m", "trainer", "--seed", "7"]
    expected.worker.environment = ["JAX_PLATFORMS": "cpu", "PART": "0012"]
    expected.worker.framework = "jax 0.6"
    expected.worker.silenceLimitMilliseconds = 1_800_000
    expected.worker.codeVersion = "9f2c1e7"
    expected.worker.imageDigest = try Digest(parsing: TrainingConfiguration.digest)
    expected.decision.costPerCloudJob = 1.5
    expected.decision.costPerWeek = 6
    expected.decision.temperatureFile = "/sys/class/thermal/thermal_zone0/temp"
    expected.decision.batteryFile = "/sys/class/power_supply/BAT0/capacity"
    var vertex = VertexPolicy(
      project: "continuon-prod", region: "us-central1",
      image: "us-central1-docker.pkg.dev/continuon-prod/trainers/trainer@\(TrainingConfiguration.digest)")
    vertex.acceleratorType = "NVIDIA_TESLA_T4"
    vertex.acceleratorCount = 1
    vertex.bootDiskGigabytes = 94
    vertex.usesSpot = true
    vertex.serviceAccount = "trainer@continuon-prod.iam.gserviceaccount.com"
    vertex.environment = ["LOG_LEVEL": "info"]
    expected.vertex = vertex
    #expect(training == expected)
  }

  @Test func `what isn't said keeps its default`() throws {
    #expect(try configuration("training: {}").configuration.training == TrainingPolicy())
    #expect(try configuration("wait: 1s").configuration.training == TrainingPolicy())
    #expect(
      try configuration("training: {worker: {}, decision: {}}").configuration.training == TrainingPolicy())
    let vertex = try configuration("training: {vertex: {\(TrainingConfiguration.vertex)}}").configuration
      .training.vertex
    #expect(
      vertex
        == VertexPolicy(
          project: "continuon-prod", region: "us-central1",
          image: "host/trainer@\(TrainingConfiguration.digest)"))
  }

  @Test func `other times and limits are read, none too`() throws {
    let text = """
      training:
        jobs: {project: continuon-prod}
        worker: {time_limit: none, silence_limit: 90s, grace: 2m, heartbeat: 1s, takeover: 2001ms}
        decision: {local_episodes: 1, cloud_episodes: 2, local_memory: 512MiB, maximum_celsius: 60.5,
          minimum_battery_percent: 0, cool_down: 0s, jobs_per_week: 3, cost_per_week: 0}
        vertex: {\(TrainingConfiguration.vertex), machine_type: ct5lp-hightpu-4t, tpu_topology: 2x2, boot_disk: 200GiB,
          time_limit: 7d}
      """
    let training = try configuration(text).configuration.training
    #expect(training.jobs == .firestore(project: "continuon-prod", database: "(default)"))
    let worker = training.worker
    #expect(worker.timeLimitMilliseconds == nil && worker.silenceLimitMilliseconds == 90_000)
    #expect(worker.graceMilliseconds == 120_000 && worker.heartbeatMilliseconds == 1000)
    #expect(worker.takeoverMilliseconds == 2001)
    let decision = training.decision
    #expect(
      decision.localEpisodes == 1 && decision.cloudEpisodes == 2 && decision.localMemoryBytes == 512 << 20)
    #expect(decision.maximumCelsius == 60.5 && decision.minimumBatteryPercent == 0)
    #expect(decision.coolDownMilliseconds == 0 && decision.jobsPerWeek == 3 && decision.costPerWeek == 0)
    let vertex = try #require(training.vertex)
    #expect(vertex.machineType == "ct5lp-hightpu-4t" && vertex.tpuTopology == "2x2")
    #expect(vertex.bootDiskGigabytes == 200 && vertex.timeLimitMilliseconds == 7 * 86_400_000)
  }

  @Test(arguments: [
    (
      "{recording: /srv}", "config.training has the unknown field \"recording\"",
      "did you mean \"recordings\"?"
    ),
    (
      "{worker: {heart_beat: 15s}}", "config.training.worker has the unknown field",
      "did you mean \"heartbeat\"?"
    ),
    (
      "{decision: {cooldown: 6h}}", "config.training.decision has the unknown field",
      "did you mean \"cool_down\"?"
    ),
    (
      "{vertex: {\(TrainingConfiguration.vertex), machine-type: x}}", "config.training.vertex",
      "\"machine_type\"?"
    ),
    (
      "{worker: {heartbeat: 15}}", "config.training.worker.heartbeat is a number, and a duration",
      "correct the file"
    ),
    (
      "{worker: {grace: soon}}", "config.training.worker.grace is wrong: \"soon\" is not a duration",
      "90s, 10m, 2h or 7d"
    ),
    (
      "{vertex: {\(TrainingConfiguration.vertex), environment: {JOB_ID: job_1}}}",
      "vertex.environment.JOB_ID is set by modelctl itself", "another name"
    ),
    (
      "{worker: {time_limit: never}}", "config.training.worker.time_limit is wrong", "7d, or none"
    ),
    (
      "{worker: {command: trainer}}", "worker.command is a string, and an array is needed", "correct the file"
    ),
    (
      "{worker: {command: [trainer, 5]}}", "worker.command[1] is a number, and a string is needed",
      "correct the file"
    ),
    ("{decision: {local_memory: 2GB of RAM}}", "decision.local_memory is wrong", "512MiB"),
    ("{worker: {code_version: 1234567}}", "worker.code_version", "quote it"),
    ("{auto: yes}", "config.training.auto is a string, and true or false is needed", "correct the file"),
    (
      "{auto: true}", "config.training.auto is true, and there is no config.training.recordings",
      "name the folder"
    ),
    (
      "{backend: vertex}", "config.training.backend is vertex, and there is no config.training.vertex",
      "add vertex:"
    ),
    ("{backend: cloud}", "config.training.backend is \"cloud\"", "one of local, vertex, event"),
    ("{jobs: firestore}", "config.training.jobs is \"firestore\"", "write index, or {project: PROJECT}"),
    ("{config: {a: [{b: }]}}", "config.training.config.a[0].b has no value", "leave the key out"),
    ("{worker: {heartbeat: 999ms}}", "worker.heartbeat is below 1s", "15s is usual"),
    (
      "{worker: {heartbeat: 45s}}", "worker.takeover is 90s, and a heartbeat comes every 45s",
      "longer than 90s"
    ),
    (
      "{worker: {environment: {CONFIG: x}}}", "worker.environment.CONFIG is set by modelctl itself",
      "another name"
    ),
    (
      "{vertex: {\(TrainingConfiguration.vertex), accelerator_type: NVIDIA_TESLA_T4}}",
      "vertex.accelerator_type stands without accelerator_count", "write both"
    ),
    (
      "{vertex: {\(TrainingConfiguration.vertex), accelerator_count: 1}}",
      "vertex.accelerator_count stands without accelerator_type", "write both"
    ),
    (
      "{vertex: {\(TrainingConfiguration.vertex), machine_type: x, machine_spec: {machineType: x}}}",
      "vertex.machine_spec stands beside machine_type", "leave machine_spec out"
    ),
    (
      "{vertex: {\(TrainingConfiguration.vertex), machine_spec: {machineType: x, acceleratorCount: 1}}}",
      "machine_spec.acceleratorCount stands without machine_spec.acceleratorType", "write both"
    ),
    (
      "{vertex: {\(TrainingConfiguration.vertex), tpu_topology: 2x2}}", "needs a machine_type that has TPUs",
      "ct5lp"
    ),
    (
      "{vertex: {project: p, region: r, image: 'host/trainer:latest'}}",
      "vertex.image is \"host/trainer:latest\" without a digest", "@sha256:"
    ),
    (
      "{vertex: {\(TrainingConfiguration.vertex), boot_disk: 0GB}}", "vertex.boot_disk is not above 0",
      "512MiB"
    ),
  ]) func `what can't be meant is an error that names the key and the next step`(
    section: String, message: String, hint: String
  ) throws {
    let error = try #require(refusal(of: "training: \(section)"))
    #expect(error.code == .usage && error.message.hasPrefix("config.yaml: "))
    #expect(error.message.contains(message), "\(error.message)")
    #expect(error.hint.contains(hint), "\(error.hint)")
  }

  @Test func `the container's configuration is read`() throws {
    let training = try configuration(ConfigurationSchema.text("tools/container/config.yaml")).configuration
      .training
    #expect(training.worker.command == ["/usr/local/bin/trainer"])
  }
}
