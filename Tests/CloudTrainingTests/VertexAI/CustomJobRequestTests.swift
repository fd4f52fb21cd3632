import CloudSimulator
import GoogleCloud
import RegistryModel
import Testing

@Suite struct CustomJobRequestTests {
  /// Byte for byte what `customJobs.create` gets for a full request.
  static let golden = """
    {"displayName":"modelctl-job_000000000001",\
    "jobSpec":{"baseOutputDirectory":{"outputUriPrefix":"gs://continuon-models/runs/job_000000000001"},\
    "scheduling":{"restartJobOnWorkerRestart":false,"strategy":"SPOT","timeout":"7200s"},\
    "serviceAccount":"trainer@p.iam.gserviceaccount.com",\
    "workerPoolSpecs":[{"containerSpec":{"args":["--config","{\\"a\\":1}"],"command":["modelctl"],\
    "env":[{"name":"JOB_ID","value":"job_000000000001"},{"name":"NOTE","value":"costs $5, $$(HOME)"}],\
    "imageUri":"us-central1-docker.pkg.dev/p/trainers/trainer@\(CustomJobRequest.digest)"},\
    "diskSpec":{"bootDiskSizeGb":100,"bootDiskType":"pd-ssd"},\
    "machineSpec":{"acceleratorCount":1,"acceleratorType":"NVIDIA_TESLA_T4","machineType":"n1-standard-8"},\
    "replicaCount":"1"}]},\
    "labels":{"job_id":"job_000000000001","robot_id":"robot_001","team":"arms"}}
    """

  private func full() throws -> CustomJobRequest {
    var request = try CustomJobRequest.made()
    request.container.command = ["modelctl"]
    request.container.arguments = ["--config", #"{"a":1}"#]
    request.container.environment["NOTE"] = "costs $5, $(HOME)"
    request.disk = CustomJobRequest.Disk()
    request.isSpot = true
    request.serviceAccount = "trainer@p.iam.gserviceaccount.com"
    request.outputURI = "gs://continuon-models/runs/job_000000000001"
    request.labels = ["team": "arms"]
    return request
  }

  @Test func `a full request is what the API's documentation shows`() throws {
    #expect(try full().json().canonicalText == Self.golden)
  }

  @Test func `every kind of request has the shape of the API's discovery document`() throws {
    let schemas = try DiscoverySchemas()
    var requests = [try full(), try CustomJobRequest.made()]
    for machine in [
      CustomJobMachine.type("e2-standard-4"), .tpu("ct5lp-hightpu-4t", topology: "2x2"),
      .spec(["machineType": "a2-highgpu-1g", "acceleratorType": "NVIDIA_TESLA_A100", "acceleratorCount": 1]),
    ] {
      var request = try CustomJobRequest.made()
      request.machine = machine
      request.timeoutSeconds = nil
      requests.append(request)
    }
    for request in requests { #expect(try schemas.problem(with: request.json()) == nil) }
    #expect(
      try requests[3].json()["jobSpec"]?["workerPoolSpecs"]?.asArray?.first?["machineSpec"] == [
        "machineType": "ct5lp-hightpu-4t", "tpuTopology": "2x2",
      ])
    // The shapes would notice a field that isn't there, and one of another type.
    for (name, value) in [("replicas", "1"), ("replicaCount", 1)] as [(String, JSONValue)] {
      #expect(schemas.problem(with: ["jobSpec": ["workerPoolSpecs": [[name: value]]]]) != nil)
    }
    #expect(schemas.problem(with: ["name": "projects/p"]) != nil)
    #expect(schemas.source.contains("revision 20"))
  }

  @Test(arguments: Spoilt.all) func `what Vertex AI would refuse is refused before anything is sent`(
    _ spoilt: Spoilt
  ) throws {
    let cloud = try SimulatedVertex()
    var request = try CustomJobRequest.made()
    spoilt.change(&request)
    #expect(failure { try cloud.client().createOnce(request) }?.code == .usage)
    #expect(cloud.simulator.requests.isEmpty)
  }

  @Test func `a tag is allowed where somebody says so`() throws {
    var request = try CustomJobRequest.made()
    request.container.image = "us-docker.pkg.dev/p/t/trainer:v3"
    request.container.allowsTag = true
    #expect(throws: Never.self) { try request.json() }
  }

  @Test func `the points of a robot's name are no part of its label`() throws {
    let request = try CustomJobRequest.made(robot: "pi5.lab.local")
    #expect(try request.json()["labels"]?["robot_id"] == "pi5-lab-local")
  }

  @Test(
    arguments: [
      ("QUEUED", nil), ("PENDING", nil), ("RUNNING", nil), ("CANCELLING", nil), ("PAUSED", nil),
      ("UPDATING", nil),
      ("UNSPECIFIED", nil), ("DREAMING", nil), ("SUCCEEDED", .succeeded), ("FAILED", .failed),
      ("CANCELLED", .cancelled), ("EXPIRED", .failed), ("PARTIALLY_SUCCEEDED", .failed),
    ] as [(String, CustomJobState.Outcome?)]) func `only what has ended is final`(
      word: String, outcome: CustomJobState.Outcome?
    )
  {
    let state = CustomJobState("JOB_STATE_\(word)")
    #expect(state.outcome == outcome)
    #expect(state.isFinal == (outcome != nil))
    if word == "DREAMING" { #expect(state == .unknown("JOB_STATE_DREAMING")) }
  }

  @Test func `a state that isn't said isn't final`() {
    #expect(CustomJobState(nil) == .unknown(nil))
    #expect(!CustomJobState(nil).isFinal)
  }

  @Test func `names that could lead elsewhere are refused`() throws {
    let good = "projects/simulated/locations/us-central1/customJobs/123"
    #expect(try CustomJobName(parsing: good).number == "123")
    for text in [
      "", "123", good + "/x", good + ":cancel", "projects/p/locations/us-central1/customJobs/",
      "projects/p/locations/us-central1/customJobs/1?x", "projects/../locations/us-central1/customJobs/1",
      "projects/p/locations/evil.com/customJobs/1", "projects/p/locations/us-central1/models/1", "/" + good,
    ] {
      #expect(failure { try CustomJobName(parsing: text) }?.code == .usage)
    }
    for text in ["", "us central1", "us-central1.evil.com", "us-central1/x", "1us", "us-", "US"] {
      #expect(failure { try VertexRegion(parsing: text) }?.code == .usage)
    }
  }

  @Test(arguments: [
    ("https://vertex.example.com", true), ("https://127.0.0.1:9/", true), ("http://127.0.0.1:9", true),
    ("http://vertex.example.com", false), ("vertex.example.com", false),
  ]) func `another endpoint is reached over https, or on this machine`(address: String, isGood: Bool) throws {
    let region = try VertexRegion(parsing: "us-central1")
    #expect(try !VertexEndpoint(region, environment: [:]).isOverridden)
    let environment = [VertexEndpoint.variable: address]
    if isGood {
      #expect(try VertexEndpoint(region, environment: environment).isOverridden)
    } else {
      #expect(failure { try VertexEndpoint(region, environment: environment) }?.code == .usage)
    }
  }
}

/// A request with something in it that can't be.
struct Spoilt: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let change: @Sendable (inout CustomJobRequest) -> Void

  init(_ what: String, _ change: @escaping @Sendable (inout CustomJobRequest) -> Void) {
    testDescription = what
    self.change = change
  }

  static let all = [
    Spoilt("an accelerator without a number") {
      $0.machine = .type("n1-standard-8", accelerator: "NVIDIA_L4")
    },
    Spoilt("a number without an accelerator") { $0.machine = .type("n1-standard-8", count: 1) },
    Spoilt("no accelerators") { $0.machine = .type("n1-standard-8", accelerator: "NVIDIA_L4", count: 0) },
    Spoilt("no machine") { $0.machine = .type("") },
    Spoilt("a strange machine") { $0.machine = .type("n1 standard") },
    Spoilt("no machine in a specification") { $0.machine = .spec(["acceleratorCount": 1]) },
    Spoilt("half an accelerator in a specification") {
      $0.machine = .spec(["machineType": "n1-standard-8", "acceleratorType": "NVIDIA_L4"])
    },
    Spoilt("a tag instead of a digest") { $0.container.image = "us-docker.pkg.dev/p/t/trainer:latest" },
    Spoilt("half a digest") { $0.container.image = "us-docker.pkg.dev/p/t/trainer@sha256:0a0a" },
    Spoilt("no image") { $0.container.image = "" },
    Spoilt("an address instead of an image") {
      $0.container.image = "https://us-docker.pkg.dev/p/t/trainer@\(CustomJobRequest.digest)"
    },
    Spoilt("a strange variable") { $0.container.environment["A B"] = "x" },
    Spoilt("a variable without a name") { $0.container.environment[""] = "x" },
    Spoilt("a label with capitals") { $0.labels["team"] = "Arms" },
    Spoilt("a label without a name") { $0.labels[""] = "x" },
    Spoilt("a label with a number first") { $0.labels["1a"] = "x" },
    Spoilt("a long label") { $0.labels["team"] = String(repeating: "x", count: 64) },
    Spoilt("many labels") { for number in 0..<63 { $0.labels["l\(number)"] = "x" } },
    Spoilt("no replicas") { $0.replicas = 0 }, Spoilt("too many replicas") { $0.replicas = .max },
    Spoilt("a negative timeout") { $0.timeoutSeconds = -1 },
    Spoilt("no disk") { $0.disk = CustomJobRequest.Disk(gigabytes: 0) },
    Spoilt("no service account") { $0.serviceAccount = "trainer" },
    Spoilt("an output elsewhere") { $0.outputURI = "s3://bucket/runs" },
  ]
}
