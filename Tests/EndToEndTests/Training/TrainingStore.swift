import Foundation
import GoogleCloud
import RegistryModel
import TestSupport
import Testing

/// A store whose episodes go to a bucket, whose versions go to a directory, and whose trainer is a shell script.
final class TrainingStore: Sendable {
  static let bucket = "test-models"
  static let data = "gs://\(bucket)/robots"
  static let goodTrainer = """
    echo '{"step":1,"total_steps":1,"loss":0.5}'
    ls -R "$EPISODES_DIR" | sha256sum > "$OUTPUT_DIR/lora_adapters.safetensors"
    """

  let store: CommandStore
  let variables: [String: String]

  /// - Parameters:
  ///   - cloud: where the bucket is, as `STORAGE_EMULATOR_HOST` says it.
  ///   - takeover: how long a job that waits must be silent before it is begun without an event.
  init(cloud: String, trainer: String = goodTrainer, takeover: String = "90s") throws {
    store = try CommandStore("serve")
    let configuration: JSONValue = [
      "remote": ["robot": "robot_001"],
      "training": [
        "data": .string(Self.data), "adapter": "robot_001", "backend": "event",
        "worker": [
          "command": ["/bin/sh", "-ec", .string(trainer)], "heartbeat": "1s", "takeover": .string(takeover),
          "grace": "20s",
        ],
      ],
    ]
    variables = [
      "STORAGE_EMULATOR_HOST": cloud,
      "MODELCTL_CONFIG": try store.scratch.write("config.yaml", configuration.canonicalText),
    ]
    try FileManager.default.createDirectory(
      atPath: store.scratch("remote"), withIntermediateDirectories: true)
    try run("remote", "set", "file://\(store.scratch("remote"))")
    for name in ["ep-1", "ep-2"] {
      let step = #"{"observation":{"x":1},"action":[0.5]}"#
      try store.scratch.write(
        "recordings/\(name).json", #"{"metadata":{"robot":"robot_001","name":"\#(name)"},"steps":[\#(step)]}"#
      )
    }
    try run("episodes", "upload", store.scratch("recordings"))
  }

  @discardableResult
  func run(
    _ arguments: String..., code: Int32 = 0, at location: SourceLocation = #_sourceLocation
  ) throws -> Outcome {
    try store.run(arguments, code: code, with: variables, at: location)
  }

  /// A queued job, whose object lies in the bucket.
  func trigger() throws -> String {
    try run("train", "trigger", "-q").out.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  func status(of job: String) throws -> String {
    try run("train", "status", job, "-q").out.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// The versions that the directory has.
  var versions: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: store.scratch("remote/adapters")))?.sorted() ?? []
  }

  func serve(_ arguments: String..., with more: [String: String] = [:]) throws -> ServiceUnderTest {
    try ServiceUnderTest(
      store.start(["worker", "serve", "--json"] + arguments, variables.merging(more) { $1 }))
  }
}

/// `worker serve` as a process, from the moment that it listens.
final class ServiceUnderTest {
  let child: Child
  let address: String
  private let http: HTTPClient
  private var isOver = false

  init(_ child: Child) throws {
    self.child = child
    http = HTTPClient(try HTTPConfiguration())
    try poll("it listens") {
      try #require(kill(child.process, 0) == 0)
      return child.said.contains("\n")
    }
    let first = try #require(child.said.split(separator: "\n").first)
    address = try #require(JSONValue(parsing: Array(first.utf8))["listening"]?.asString)
  }

  deinit {
    guard !isOver else { return }
    child.signal(SIGTERM)
    _ = try? child.wait()
  }

  func stop() throws -> Outcome {
    isOver = true
    child.signal(SIGTERM)
    return try child.wait()
  }

  /// Posts an event of a job's object, as Eventarc does.
  func post(_ job: String, bucket: String = TrainingStore.bucket, generation: String = "17") throws -> Int {
    let resource: JSONValue = [
      "kind": "storage#object", "bucket": .string(bucket), "name": .string("robots/jobs/\(job).json"),
      "generation": .string(generation), "metadata": ["job_id": .string(job)],
    ]
    return try post(
      resource.canonicalBytes,
      [
        "Content-Type": "application/json", "ce-specversion": "1.0", "ce-id": "1",
        "ce-type": "google.cloud.storage.object.v1.finalized",
        "ce-source": "//storage.googleapis.com/projects/_/buckets/\(bucket)",
      ])
  }

  func post(_ body: [UInt8], _ headers: [String: String]) throws -> Int {
    try status(.post, body, headers)
  }

  func status(
    _ method: HTTPRequest.Method, _ body: [UInt8] = [], _ headers: [String: String] = [:], path: String = "/"
  )
    throws -> Int
  {
    var request = HTTPRequest(
      method, try HTTPAddress(parsing: "http://\(address)\(path)"), body: body.isEmpty ? .none : .bytes(body))
    for header in headers { request.headers.set(header.key, header.value) }
    request.isLocal = true
    return try http.perform(request).status
  }
}
