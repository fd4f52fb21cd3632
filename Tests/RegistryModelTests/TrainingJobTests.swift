import Foundation
import RegistryModel
import Testing

@Suite struct TrainingJobTests {
  private static let examples = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../schemas/examples/training-job.v1").standardized

  private static func documents(_ folder: URL) throws -> [(name: String, json: JSONValue)] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)).sorted()
      .filter { $0.hasSuffix(".json") }
      .map { ($0, try JSONValue(parsing: [UInt8](Data(contentsOf: folder.appending(path: $0))))) }
  }

  @Test func `valid examples are read, and what is written is read back as it was`() throws {
    let documents = try Self.documents(Self.examples)
    #expect(documents.count == 3)
    for (name, json) in documents {
      let job = try TrainingJob(json)
      #expect(try TrainingJob(job.json) == job, "\(name)")
      if name == "full.json" { #expect(job.json == json) }
    }
  }

  @Test func `malformed examples are refused`() throws {
    let documents = try Self.documents(Self.examples.appending(path: "invalid"))
    #expect(documents.count == 16)
    for (name, json) in documents {
      #expect(throws: RegistryError.self, "\(name)") { _ = try TrainingJob(json) }
    }
  }

  private static let now = Timestamp(milliseconds: 1_767_600_000_000)

  private static func job(_ status: JobStatus) throws -> TrainingJob {
    var fields = try #require(
      TrainingJob(
        id: JobID(random: 1), robot: RobotName(parsing: "robot_001"), createdAt: now, config: [:],
        adapter: AdapterName(parsing: "robot_001"), base: nil, backend: .local
      ).json.asObject)
    fields["status"] = .string(status.rawValue)
    if status == .running {
      fields["worker"] = ["id": "w", "attempt": 2, "heartbeat_at": .string(now.description)]
    }
    return try TrainingJob(.object(fields))
  }

  /// What may follow, as the design lists it.
  private static let next: [JobStatus: Set<JobStatus>] = [
    .pending: [.uploading, .queued, .running, .failed, .cancelled],
    .uploading: [.queued, .failed, .cancelled],
    .queued: [.running, .failed, .cancelled], .running: [.queued, .completed, .failed, .cancelled],
    .completed: [], .failed: [], .cancelled: [],
  ]

  @Test func `every change goes where it may, and nowhere else`() throws {
    let digest = try Digest(parsing: "sha256:" + String(repeating: "a", count: 64))
    let holder = TrainingJob.Worker(id: "w", attempt: 2, heartbeatAt: Self.now)
    let version = try VersionID(parsing: "robot_001_v4")
    let changes: [(JobStatus, TrainingJob.Change)] = [
      (.uploading, .uploading), (.queued, .queued(episodesURI: "gs://a/b", episodesDigest: digest)),
      (.running, .claimed(workerID: "x", reserved: version)), (.queued, .givenBack(holder)),
      (.queued, .takenOver(from: holder)),
      (.completed, .completed(holder, TrainingJob.Result(modelURI: nil, version: version, digest: digest))),
      (.failed, .failed(holder, "why")), (.failed, .failed(nil, "why")), (.cancelled, .cancelled(nil)),
    ]
    for from in JobStatus.allCases {
      let job = try Self.job(from)
      #expect(Set(JobStatus.allCases.filter(from.allows)) == Self.next[from])
      for (to, change) in changes {
        let isWorkers: Bool
        switch change {
        case .givenBack, .takenOver, .completed, .failed(.some, _): isWorkers = true
        default: isWorkers = false
        }
        // What a worker says needs a worker; and what has one can't be failed past it.
        var isAllowed = from.allows(to) && (!isWorkers || from == .running)
        if case .failed(nil, _) = change, from == .running { isAllowed = false }
        do {
          let changed = try job.applying(change, at: Self.now)
          #expect(isAllowed, "\(from) \(change)")
          #expect(changed.status == to && changed.seq == job.seq + 1)
        } catch {
          #expect(!isAllowed && error.code == .refused, "\(from) \(change): \(error)")
        }
      }
    }
  }

  @Test func `a worker that was taken over can't write any more`() throws {
    let job = try Self.job(.running)
    for (id, attempt) in [("w", Int64(1)), ("v", 2), ("w", 3)] {
      let other = TrainingJob.Worker(id: id, attempt: attempt, heartbeatAt: Self.now)
      for change in [
        .heartbeat(other, nil), .givenBack(other), .failed(other, "x"),
        .completed(other, TrainingJob.Result(modelURI: nil, version: nil, digest: nil)),
      ] as [TrainingJob.Change] {
        #expect(throws: RegistryError.self) { _ = try job.applying(change, at: Self.now) }
      }
    }
    let again = try job.applying(.givenBack(#require(job.worker)), at: Self.now)
      .applying(.claimed(workerID: "z", reserved: VersionID(parsing: "robot_001_v4")), at: Self.now)
    #expect(again.worker?.attempt == 3 && again.worker?.id == "z")
  }

  @Test func `what a trainer prints is progress, a divergence, or nothing of ours`() {
    func line(_ text: String) -> TrainerLine { TrainerLine(text) }
    #expect(
      line(#"{"step":120,"total_steps":1000,"loss":0.31}"#)
        == .progress(TrainerProgress(step: 120, totalSteps: 1000, loss: 0.31), metrics: [:]))
    #expect(
      line(#"{"step":1,"heldout_loss":2,"name":"x"}"#)
        == .progress(TrainerProgress(step: 1, totalSteps: nil, loss: nil), metrics: ["heldout_loss": 2]))
    for text in [#"{"step":1,"loss":NaN}"#, #"{"loss": NaN, "step":1}"#] {
      #expect(line(text) == .diverged("NaN"))
    }
    #expect(line(#"{"step":1,"final_loss": -Infinity}"#) == .diverged("-Infinity"))
    for (word, tab) in [("nan", " "), ("-nan", ""), ("inf", "\t"), ("1e999", ""), ("INFINITY", "")] {
      #expect(line("{\"step\":1,\"metrics\":{\"loss\":\(tab)\(word)}}") == .diverged(word))
    }
    for text in [
      "", "epoch 1", "{", "[1]", #"{"step":-1}"#, #"{"step":1.5}"#, #"{"loss":1}"#, #"{"step":"1"}"#,
      #"{"step":9e99}"#,
    ] {
      #expect(line(text) == .other, "\(text)")
    }
  }
}

@Suite struct `The name of a training backend` {
  @Test(arguments: TrainingBackendName.allCases)
  func `is read as it is written`(_ name: TrainingBackendName) throws {
    #expect(try TrainingBackendName(parsing: name.rawValue) == name)
  }

  @Test(arguments: ["", "Local", "cloud", "local "]) func `is no other word`(_ text: String) {
    #expect { try TrainingBackendName(parsing: text) } throws: { ($0 as? RegistryError)?.code == .usage }
  }
}
