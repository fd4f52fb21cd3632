import CloudTraining
import Foundation
import ModelRegistry
import RegistryModel
import Synchronization
import TestSupport
import Testing

@Suite struct `The receiver of events` {
  @Test(arguments: RecordedEvent.names) func `begins the job that an event names, once`(_ name: String) throws
  {
    let desk = try EventDesk()
    let id = try desk.job()
    #expect(try desk.send(name, id).status == 202)
    #expect(desk.begun == [id])
    // Events repeat, in the same envelope and in others, and while the worker works.
    for other in RecordedEvent.names { #expect(try desk.send(other, id).status == 204) }
    #expect(desk.begun == [id])
  }

  @Test func `hands on what it begins, and has no part in it`() throws {
    let desk = try EventDesk()
    let id = try desk.job()
    #expect(try desk.send("push", id).status == 202)
    let worker = try desk.hall.worker(desk.registry, changing: { $0.data = EventDesk.data })
    guard case .completed = try worker.run(id) else { return #expect(Bool(false)) }
    desk.end(id)
    #expect(try desk.send("push", id).status == 204)
    #expect(try desk.send("push", id, generation: "2").status == 204, "a job is trained once")
    #expect(desk.begun == [id])
  }

  @Test func `takes events in any order, and of several generations`() throws {
    let desk = try EventDesk(size: 8)
    let ids = try (0..<3).map { _ in try desk.job() }
    for id in ids.reversed() { #expect(try desk.send("binary", id, generation: "7").status == 202) }
    for id in ids { #expect(try desk.send("push", id, generation: "3").status == 204) }
    #expect(desk.begun == ids.reversed())
  }

  /// What is replaced, and what comes of it.
  static let strangers: [(old: String, new: String)] = [
    ("continuon-data", "another-data"), ("robots/jobs/", "robots/episodes/"), ("robots/jobs/", "jobs/"),
    ("robots/jobs/", "robots2/jobs/"), ("robots/jobs/", "robots/jobs/deeper/"), (".json", ".zip"),
    ("jobs/job_", "jobs/../job_"), ("robots/jobs/job_", "robots/jobs/JOB_"), ("v1.finalized", "v1.archived"),
    ("robots/jobs/job_", "/robots/jobs/job_"), (".json", ".json/"),
    ("robots/jobs/job_", "robots/jobs/\\u0000"),
  ]

  @Test(arguments: strangers.indices) func `leaves alone what is none of its business`(_ number: Int) throws {
    let desk = try EventDesk()
    let id = try desk.job()
    let stranger = Self.strangers[number]
    let event = try desk.event("binary", id).replacing(stranger.old, with: stranger.new)
    #expect(desk.receiver.receive(headers: event.headers, body: event.body).status == 204, "\(stranger)")
    #expect(desk.begun.isEmpty)
    #expect(try desk.send("binary", id).status == 202)
  }

  @Test func `refuses what is malformed, too large, or says two things`() throws {
    let desk = try EventDesk()
    let id = try desk.job()
    let event = try desk.event("binary", id)
    func status(_ text: String) -> Int {
      desk.receiver.receive(headers: event.headers, body: Array(text.utf8)).status
    }
    #expect(status("") == 400 && status("{") == 400 && status("[]") == 400)
    #expect(status(event.text + String(repeating: " ", count: StorageEvent.maximumBytes)) == 413)
    #expect(
      status(event.text.replacingOccurrences(of: #""job_id": "job_"#, with: #""job_id": "jab_"#)) == 400)
    #expect(desk.begun.isEmpty)
    // A job without metadata is named by its object alone.
    #expect(status(event.text.replacingOccurrences(of: #""job_id""#, with: #""other""#)) == 202)
  }

  @Test func `wants the event of an unknown job again`() throws {
    let desk = try EventDesk()
    let answer = try desk.send("push", JobID(parsing: RecordedEvent.job))
    #expect(answer.status == 404 && desk.begun.isEmpty)
  }

  @Test func `begins no more than may run, and the others when they come again`() throws {
    let desk = try EventDesk(size: 2)
    let ids = try (0..<3).map { _ in try desk.job() }
    #expect(try ids.map { try desk.send("push", $0).status } == [202, 202, 503])
    #expect(try desk.send("push", ids[2]).retryAfterSeconds == 30)
    desk.end(ids[0])
    #expect(try desk.send("push", ids[2]).status == 202)
    #expect(desk.begun == ids)
    desk.crew.close()
    desk.end(ids[1])
    #expect(try desk.send("push", desk.job()).status == 503, "nobody is begun by one who is about to stop")
  }

  @Test func `that can't begin a job says so, and a repetition succeeds`() throws {
    let desk = try EventDesk()
    let id = try desk.job()
    for (code, status) in [(RegistryError.Code.remote, 503), (.failed, 500), (.permission, 500)] {
      desk.failure.withLock { $0 = RegistryError(code, "no", hint: "wait") }
      #expect(try desk.send("push", id).status == status)
    }
    desk.failure.withLock { $0 = nil }
    #expect(try desk.send("push", id).status == 202)
    #expect(desk.begun == [id])
  }

  @Test func `whose store of jobs is away says so, and a repetition succeeds`() throws {
    let desk = try EventDesk()
    let id = try desk.job()
    let receiver = try EventReceiver(
      desk.registry, jobs: AbsentJobs(), submission: desk.crew)
    let event = try desk.event("structured", id)
    let answer = receiver.receive(headers: event.headers, body: event.body)
    #expect(answer.status == 503 && answer.retryAfterSeconds != nil)
    #expect(try desk.send("structured", id).status == 202)
  }

  @Test func `begins a job again that was noted and never begun`() throws {
    let desk = try EventDesk()
    let id = try desk.job()
    #expect(try desk.send("push", id).status == 202)
    // The process died with its worker, before that claimed the job; the sender never had an answer.
    let next = try EventDesk(at: desk)
    #expect(try next.send("push", id).status == 202)
    #expect(next.begun == [id])
  }

  @Test func `leaves a job with its living worker, and takes it from a dead one`() throws {
    let desk = try EventDesk()
    let id = try desk.job()
    try desk.claim(id)
    #expect(try desk.send("push", id).status == 204)
    desk.hall.fixture.time.advance(seconds: 91)
    #expect(try desk.send("push", id).status == 202)
    #expect(try desk.send("push", id).status == 204)
    #expect(desk.begun == [id])
  }

  @Test func `doesn't begin a job twice for one event, even when it was given back`() throws {
    let desk = try EventDesk()
    let id = try desk.job()
    #expect(try desk.send("push", id).status == 202)
    try desk.claim(id, andGiveBack: true)
    desk.end(id)
    #expect(try desk.send("push", id).status == 204)
    // Another event is another try, until one begins it.
    desk.failure.withLock { $0 = RegistryError(.busy, "no", hint: "wait") }
    #expect(try desk.send("binary", id, generation: "8").status == 503)
    desk.failure.withLock { $0 = nil }
    let other = try desk.job()
    #expect(try desk.send("push", other).status == 202)
    #expect(try desk.send("binary", id, generation: "8").status == 503)
    desk.end(other)
    #expect(try desk.send("binary", id, generation: "8").status == 202)
  }

  @Test func `hands jobs to Vertex AI, one custom job each`() throws {
    let desk = try EventDesk()
    let cloud = try SimulatedVertex()
    let policy = VertexPolicy(
      project: "simulated", region: "us-central1",
      image: "host/trainer@sha256:" + String(repeating: "1", count: 64))
    let receiver = try EventReceiver(
      desk.registry, jobs: desk.registry.indexJobs, submission: VertexBackend(cloud.client(), policy))
    let ids = try [desk.job(), desk.job()]
    for id in ids + ids {
      let event = try desk.event("structured", id)
      #expect(receiver.receive(headers: event.headers, body: event.body).status == 202)
    }
    #expect(cloud.states.count == 2)
  }

  @Test func `tells the sender nothing of this machine`() throws {
    let desk = try EventDesk()
    let id = try desk.job()
    desk.failure.withLock { $0 = RegistryError(.failed, "/secret/path", hint: "wait") }
    let answer = try desk.send("push", id)
    #expect(answer.text.contains("/secret/path") && !answer.publicText.contains("secret"))
  }

  @Test func `of a crowd begins each job once`() throws {
    let desk = try EventDesk(size: 8)
    let ids = try (0..<4).map { _ in try desk.job() }
    let events = try ids.map { try desk.event("push", $0) }
    let statuses = try crowd(of: 16) { number in
      let event = events[number % 4]
      return desk.receiver.receive(headers: event.headers, body: event.body).status
    }
    #expect(statuses.count { $0 == 202 } == 4 && statuses.count { $0 == 204 } == 12)
    #expect(desk.begun.sorted() == ids.sorted())
  }

  @Test func `begins what was given back or died, once it has been silent, and leaves other places alone`()
    throws
  {
    let desk = try EventDesk(size: 2)
    let ids = try (0..<4).map { _ in
      desk.hall.fixture.time.advance(seconds: 1)
      return try desk.job()
    }
    for (number, id) in ids.enumerated() {
      let stored = try #require(try desk.registry.indexJobs.read(id))
      var fields = try #require(stored.job.json.asObject)
      fields["backend"] = "event"
      let place = number == 1 ? "gs://continuon-data/robots2" : "gs://continuon-data/robots"
      fields["backend_id"] = .string("\(place)/jobs/\(id).json")
      _ = try #require(try desk.registry.indexJobs.replace(stored, with: TrainingJob(.object(fields))))
    }
    #expect(try desk.receiver.resume().isEmpty)
    desk.hall.fixture.time.advance(seconds: 91)
    #expect(try desk.receiver.resume().map(\.job) == [ids[0], ids[2]])
    #expect(try desk.receiver.resume().isEmpty, "as many run as may")
    desk.end(ids[0])
    // It claimed its job, and died.
    try desk.claim(ids[2])
    desk.end(ids[2])
    try desk.hall.service(desk.registry).cancel(ids[0])
    #expect(try desk.receiver.resume().map(\.job) == [ids[3]])
    desk.hall.fixture.time.advance(seconds: 91)
    #expect(try desk.receiver.resume().map(\.job) == [ids[2]])
  }

  @Test func `isn't made where a directory has the episodes`() throws {
    let hall = try TrainingHall()
    let registry = try hall.registry()
    let error = #expect(throws: RegistryError.self) {
      _ = try EventReceiver(
        registry, jobs: registry.indexJobs, submission: WorkerCrew(size: 1) { _, _ in "never" })
    }
    #expect(error?.code == .usage)
  }
}
