import Foundation
import RegistryModel
import TestSupport
import Testing

/// The whole loop through the program, with the real trainer: episodes, upload, job, version, trial, evaluation, confirmation.
@Suite(.serialized) struct TrainingLoopTests {
  @Test(.enabled(if: Peers.hasTrainer, Peers.trainerReason))
  func `embedded: a directory, jobs in the index, and a worker on this machine`() throws {
    let bench = try LoopBench(training: "", variables: [:])
    try FileManager.default.createDirectory(
      atPath: bench.store.scratch("remote"), withIntermediateDirectories: true)
    try bench.run("remote", "set", "file://\(bench.store.scratch("remote"))")
    try bench.play { job in
      // The worker was started by the trigger, and goes on by itself.
      try bench.run("train", "watch", job)
    }
  }

  @Test(.enabled(if: Peers.hasCloud, Peers.cloudReason))
  func `in the cloud: a bucket, jobs in Firestore, and a worker elsewhere`() throws {
    let server = try #require(Peers.fakeGCS)
    let jar = try #require(Peers.firestoreJar)
    let bucket = try PeerServer("fake-gcs-server") { port in
      [
        server, "-scheme", "http", "-backend", "memory", "-host", "127.0.0.1", "-port", "\(port)",
        "-external-url", "http://127.0.0.1:\(port)", "-public-host", "127.0.0.1:\(port)",
      ]
    }
    let firestore = try PeerServer("the Firestore emulator") { port in
      [
        "java", "-cp", jar, "com.google.cloud.datastore.emulator.firestore.CloudFirestore", "start",
        "--host=127.0.0.1", "--port=\(port)",
      ]
    }
    let host = "http://127.0.0.1:\(bucket.port)"
    let made = try Program.run([
      "python3", "-c",
      "import urllib.request as u; u.urlopen(u.Request('\(host)/storage/v1/b?project=p', b'{\"name\":\"fleet\"}', {'Content-Type': 'application/json'}))",
    ])
    #expect(made.code == 0, "\(made.err)")
    let variables = [
      "STORAGE_EMULATOR_HOST": host, "FIRESTORE_EMULATOR_HOST": "127.0.0.1:\(firestore.port)",
    ]
    let bench = try LoopBench(
      training: "backend: event, jobs: {project: fleet-project, database: (default)}", variables: variables)
    try bench.run("remote", "set", "gs://fleet/models")
    let elsewhere = try LoopBench(
      training: "backend: event, jobs: {project: fleet-project, database: (default)}", variables: variables)
    try bench.play { job in
      let outcome = try elsewhere.run("worker", "run", "--job", job, "--remote", "gs://fleet/models")
      #expect(outcome.out.contains("\(job) made robot_001_v"))
      try bench.run("train", "watch", job)
    }
  }
}

/// One machine's store, with the real trainer in its configuration.
struct LoopBench {
  let store: CommandStore
  private let variables: [String: String]

  init(training: String, variables: [String: String]) throws {
    store = try CommandStore("loop")
    let configuration = """
      remote: {robot: robot-7}
      training: {adapter: robot_001, recordings: \(store.scratch("recordings")), \(training.isEmpty ? "" : training + ", ")
        config: {model_type: wavecore, epochs: 20, batch_size: 32, learning_rate: 0.01, seed: 3},
        worker: {command: [\(Peers.python), -m, trainer], environment: {PYTHONPATH: \(Peers.trainer)}}}
      """
    self.variables = variables.merging([
      "MODELCTL_CONFIG": try store.scratch.write("config.yaml", configuration)
    ]) { $1 }
  }

  @discardableResult
  func run(_ arguments: String..., code: Int32 = 0, at location: SourceLocation = #_sourceLocation) throws
    -> Outcome
  {
    try store.run(arguments, code: code, with: variables, at: location)
  }

  func json(_ arguments: String..., at location: SourceLocation = #_sourceLocation) throws -> JSONValue {
    try JSONValue(parsing: Array(store.run(arguments + ["--json"], with: variables, at: location).out.utf8))
  }

  private func python(_ words: String...) throws -> Outcome {
    let outcome = try Program.run([Peers.python] + words, environment: ["PYTHONPATH": Peers.trainer])
    #expect(outcome.code == 0, "\(words.joined(separator: " ")): \(outcome.err)")
    return outcome
  }

  /// Loss of a version on the held-out episodes.
  private func loss(_ model: [String]) throws -> JSONValue {
    let words = [
      Peers.python, "-m", "trainer.evaluate", "--episodes", store.scratch("recordings"), "--heldout",
    ]
    let outcome = try Program.run(words + model, environment: ["PYTHONPATH": Peers.trainer])
    #expect(outcome.code == 0, "\(outcome.err)")
    return try JSONValue(parsing: Array(outcome.out.utf8))
  }

  /// A day's episodes, put where the robot records.
  private func record(seed: Int) throws {
    let (made, recordings) = (store.scratch("made-\(seed)"), store.scratch("recordings"))
    _ = try python(
      "\(Peers.trainer)/make_episodes.py", made, "--count", "60", "--seed", "\(seed)", "--layout", "both")
    try FileManager.default.createDirectory(atPath: recordings, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: made) {
      try FileManager.default.moveItem(atPath: "\(made)/\(name)", toPath: "\(recordings)/\(name)")
    }
  }

  private func train(_ work: (String) throws -> Void) throws -> (job: String, version: String) {
    let job = try #require(try json("train", "trigger")["job_id"]?.asString)
    try work(job)
    let status = try json("train", "status", job)
    Shape.job.check(status)
    #expect(status["status"]?.asString == "completed", "\(status["error"]?.asString ?? "")")
    return (job, try #require(status["result"]?["version"]?.asString))
  }

  /// Two trainings: the second starts from the first, whose version runs by then.
  func play(_ work: (String) throws -> Void) throws {
    try record(seed: 1)
    try store.scratch.write("recordings/half.json", "{\"metadata\":{},\"steps\":[{")
    let upload = try json("episodes", "upload")
    Shape.uploaded.check(upload)
    #expect(upload["uploaded_episodes"]?.asInt == 60)
    #expect(upload["rejected"]?.asArray?.compactMap { $0["name"]?.asString } == ["half"])
    let first = try train(work)
    #expect(first.version == "robot_001_v1")
    try run("train", "install", first.job, "--activate")
    try run("confirm")

    let active = ["--model", store.root + "/active/robot_001"]
    let frozen = try loss(active + ["--base", "none"])["loss"]?.asDouble
    let base = try #require(try loss(active)["loss"]?.asDouble)
    #expect(try base < #require(frozen) / 4)

    try record(seed: 2)
    let more = try json("episodes", "upload")
    #expect(more["uploaded_episodes"]?.asInt == 60 && more["known_episodes"]?.asInt == 60)
    let second = try train(work)
    try run("train", "install", second.job, "--activate")
    #expect(try json("active")["state"]?.asString == "trial")
    let result = try loss(active)
    #expect(try #require(result["loss"]?.asDouble) < base)
    try run("evaluate", second.version, "--result", store.scratch.write("result.json", result.canonicalText))
    try run("confirm")
    try check(second, base: first.version)
    // Installed once, whatever is asked.
    #expect(try json("train", "install", second.job)["already_installed"]?.asBool == true)
  }

  private func check(_ made: (job: String, version: String), base: String) throws {
    let lineage = try json("lineage", made.version)
    let nodes = lineage["nodes"]?.asArray ?? []
    func has(_ kind: String, _ id: String? = nil) -> Bool {
      nodes.contains { $0["kind"]?.asString == kind && (id == nil || $0["id"]?.asString == id) }
    }
    #expect(has("archive") && has("evaluation") && has("job", made.job))
    #expect(has("version", base) && has("version", made.version))
    let archive = try #require(nodes.first { $0["kind"]?.asString == "archive" }?["id"]?.asString)
    let episodes = try json("lineage", "archive:\(archive)", "--up", "--depth", "1")["nodes"]?.asArray ?? []
    #expect(episodes.contains { $0["kind"]?.asString == "episode" })
    let impact = try json("impact", "ep_01_00003")
    #expect(impact["versions"]?.asArray?.contains { $0["version"]?.asString == made.version } == true)
    try run("verify", "--full", "-q")
  }
}
