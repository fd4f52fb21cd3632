import CloudSimulator
import GoogleCloud
import RegistryModel
import Testing

/// What stands in the documents, and what is sent for it.
@Suite struct FirestoreDocumentTests {
  let cloud: SimulatedFirestore
  let store: FirestoreJobStore

  init() throws {
    cloud = try SimulatedFirestore()
    store = try cloud.store()
  }

  @Test func `the fields that are ours are those of a job's document`() throws {
    #expect(try TrainingJob.made().json.asObject?.keys.sorted() == JobDocument.fields)
  }

  @Test func `times are the server's, and times`() throws {
    let made = try #require(try store.create(TrainingJob.made(at: 7)))
    let values = try #require(cloud.values())
    #expect(values["created_at"]?["timestampValue"] == "2026-01-05T08:00:07Z")
    #expect(
      values["updated_at"]?["timestampValue"]?.asString.map { try? Timestamp(parsing: $0) }
        == made.job.updatedAt)
    #expect(made.job.updatedAt == made.changedAt)
    cloud.time.advance(seconds: 10)
    let changed = try #require(try store.replace(made, with: made.job.with(.uploading)))
    #expect(changed.job.updatedAt.milliseconds == made.job.updatedAt.milliseconds + 10_000)
    #expect(cloud.values()?["created_at"] == values["created_at"])
  }

  @Test func `a change writes what changed alone`() throws {
    let made = try #require(try store.create(TrainingJob.made()))
    let claimed = try #require(try store.replace(made, with: made.job.claimed(by: "w")))
    let beat = try claimed.job.with(
      .heartbeat(#require(claimed.job.worker), TrainerProgress(step: 1, totalSteps: nil, loss: nil)))
    let change = try JobDocument.change(from: claimed.job, to: beat)
    #expect(change.mask == ["progress", "seq"])
    let next = try beat.applying(
      .heartbeat(#require(beat.worker), TrainerProgress(step: 2, totalSteps: nil, loss: 0.5)), at: moment(60))
    #expect(
      try JobDocument.change(from: beat, to: next).mask == [
        "progress.loss", "progress.step", "seq", "worker.heartbeat_at",
      ])
  }

  @Test func `reading a job costs one small request`() throws {
    let made = try #require(try store.create(TrainingJob.made()))
    try cloud.others.write("job_000000000001", ["log": .string(String(repeating: "x", count: 100_000))])
    cloud.simulator.forgetRequests()
    #expect(try store.read(made.job.id)?.job == made.job)
    let requests = cloud.simulator.requests
    #expect(requests.map(\.kind) == [.firestoreBatchGet])
    #expect(requests[0].receivedBytes < 600)
    #expect(requests[0].sentBytes < 2000)
  }

  @Test func `a list costs a request more only while there may be older documents`() throws {
    for number in 1...6 { _ = try store.create(TrainingJob.numbered(number)) }
    cloud.simulator.forgetRequests()
    #expect(try store.all(JobQuery(limit: 2)).pages == 3)
    #expect(cloud.simulator.requests.count == 4)
  }

  @Test func `a worker's silence is the server's, to the millisecond`() throws {
    let made = try #require(try store.create(TrainingJob.made()))
    cloud.time.advance(seconds: 0.25)
    #expect(try store.read(made.job.id)?.silenceMilliseconds == 250)
  }

  @Test func `numbers that are none are unknown where they are measured, and refused where they are meant`()
    throws
  {
    let made = try #require(try store.create(TrainingJob.made()))
    try cloud.others.write(
      made.job.id.text,
      values: [
        "progress": [
          "mapValue": ["fields": ["step": ["integerValue": "3"], "loss": ["doubleValue": "NaN"]]]
        ],
        "result": ["mapValue": ["fields": ["final_loss": ["doubleValue": "-Infinity"]]]],
      ])
    let read = try #require(try store.read(made.job.id))
    #expect(read.job.progress == TrainerProgress(step: 3, totalSteps: nil, loss: nil))
    #expect(read.job.result?.finalLoss == nil)
    // What isn't understood is left as it was.
    let changed = try #require(try store.replace(read, with: read.job.with(.uploading)))
    #expect(changed.job.seq == 2)
    #expect(cloud.values()?["result"]?["mapValue"]?["fields"]?["final_loss"] == ["doubleValue": "-Infinity"])
    try cloud.others.write(
      made.job.id.text,
      values: ["config": ["mapValue": ["fields": ["learning_rate": ["doubleValue": "NaN"]]]]])
    let error = failure { try store.read(made.job.id) }
    #expect(error?.code == .integrity)
    #expect(error?.message.contains("config.learning_rate is NaN") == true)
    #expect(try store.list(JobQuery()).problems.count == 1)
  }

  @Test func `a time or a text, a document is read`() throws {
    let made = try #require(try store.create(TrainingJob.made()))
    try cloud.others.write(
      made.job.id.text,
      values: [
        "updated_at": ["stringValue": "2026-01-05T10:00:00Z"],
        "worker": [
          "mapValue": [
            "fields": [
              "id": ["stringValue": "w"], "heartbeat_at": ["timestampValue": "2026-01-05T10:00:00.123456Z"],
            ]
          ]
        ],
      ])
    let read = try #require(try store.read(made.job.id)).job
    #expect(read.updatedAt.description == "2026-01-05T10:00:00.000Z")
    #expect(read.worker?.heartbeatAt.description == "2026-01-05T10:00:00.123Z")
  }

  @Test func `a document that JSON can't say hides no other`() throws {
    for number in 1...3 { _ = try store.create(TrainingJob.numbered(number)) }
    try cloud.simulator.firestore.change(
      "\(SimulatedFirestore.root)/training_jobs/job_000000000002", ["error": ["stringValue": "a\u{fffe}"]])
    for limit in [1, 2, 100] {
      let (jobs, problems, _) = try store.all(JobQuery(limit: limit))
      #expect(jobs.map(\.job.createdAt) == [moment(3), moment(1)])
      #expect(problems.count == 1)
      #expect(problems.first?.contains("training_jobs/job_000000000002") == true)
      #expect(problems.first?.contains("noncharacter") == true)
    }
    #expect(failure { try store.read(JobID(parsing: "job_000000000002")) }?.code == .integrity)
  }

  @Test func `documents without a time to sort by are told, or not found, and stop nothing`() throws {
    _ = try store.create(TrainingJob.numbered(1))
    try cloud.others.write("number", values: ["created_at": ["integerValue": "5"]])
    try cloud.others.write("null", values: ["created_at": ["nullValue": nil]])
    try cloud.others.write("map", values: ["created_at": ["mapValue": [:]]])
    try cloud.others.write("missing", values: ["job_id": ["stringValue": "missing"]])
    for limit in [1, 100] {
      let (jobs, problems, _) = try store.all(JobQuery(limit: limit))
      #expect(jobs.count == 1)
      #expect(problems.count == 3)
    }
  }
}
