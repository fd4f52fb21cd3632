import CloudSimulator
import GoogleCloud
import RegistryModel
import Testing

/// What goes wrong between a robot and Firestore: every change is made once, and what isn't known is said.
@Suite struct FirestoreFaultTests {
  let cloud: SimulatedFirestore
  let store: FirestoreJobStore
  let job: TrainingJob

  init() throws {
    cloud = try SimulatedFirestore()
    store = try cloud.store()
    job = try TrainingJob.made()
  }

  private var faults: FaultScript { cloud.simulator.faults }
  private func count(_ kind: RequestKind) -> Int { cloud.simulator.requests.count { $0.kind == kind } }

  /// Faults after which the same request is made again, and whether it had been carried out.
  struct Passing: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let action: Fault.Action
    var isDone = false
    var isAmbiguous = true

    static let all = [
      Passing(testDescription: "503 UNAVAILABLE", action: .answer(.rpc(503, "UNAVAILABLE"))),
      Passing(testDescription: "500 INTERNAL", action: .answer(.rpc(500, "INTERNAL"))),
      Passing(testDescription: "504 DEADLINE_EXCEEDED", action: .answer(.rpc(504, "DEADLINE_EXCEEDED"))),
      Passing(
        testDescription: "a gateway's page", action: .answer(FaultAnswer(502, body: "<html>bad</html>"))),
      Passing(testDescription: "409 ABORTED", action: .answer(.rpc(409, "ABORTED")), isAmbiguous: false),
      Passing(
        testDescription: "429", action: .answer(.rpc(429, "RESOURCE_EXHAUSTED", retryAfterSeconds: 2)),
        isAmbiguous: false),
      Passing(testDescription: "a lost answer", action: .dropResponse, isDone: true),
      Passing(
        testDescription: "done, and 503", action: .doThenAnswer(.rpc(503, "UNAVAILABLE")), isDone: true),
      Passing(testDescription: "a broken request", action: .closeRequest(afterBytes: 10)),
      Passing(testDescription: "half an answer", action: .closeResponse(afterBytes: 9), isDone: true),
    ]
  }

  @Test(arguments: Passing.all) func `a job is made once, whatever goes wrong on the way`(_ fault: Passing)
    throws
  {
    faults.add(Fault(fault.action, on: .firestoreCommit))
    let made = try #require(try store.create(job))
    #expect(made.job.content == job.content)
    #expect(try store.read(job.id)?.job == made.job)
    #expect(try store.read(job.id)?.revision == made.revision)
    #expect(faults.happenedCount == 1)
    #expect(count(.firestoreCommit) == (fault.isDone ? 1 : 2))
    #expect(cloud.simulator.firestore.documentNames.count == 1)
  }

  @Test(arguments: Passing.all) func `a change is made once, whatever goes wrong on the way`(_ fault: Passing)
    throws
  {
    let made = try #require(try store.create(job))
    cloud.simulator.forgetRequests()
    faults.add(Fault(fault.action, on: .firestoreCommit))
    let next = try made.job.claimed(by: "w")
    let changed = try #require(try store.replace(made, with: next))
    #expect(changed.job.content == next.content)
    #expect(count(.firestoreCommit) == (fault.isDone ? 1 : 2))
    // A doubt is cleared by reading before anything is sent again; what was refused needs no reading.
    #expect(count(.firestoreBatchGet) == (fault.isAmbiguous ? 1 : 0))
    let read = try #require(try store.read(job.id))
    #expect(read.job == changed.job)
    #expect(read.revision == changed.revision)
  }

  @Test(arguments: Passing.all) func `reads and lists are tried again`(_ fault: Passing) throws {
    let made = try #require(try store.create(job))
    faults.add(Fault(fault.action, on: .firestoreBatchGet))
    #expect(try store.read(job.id)?.job == made.job)
    faults.add(Fault(fault.action, on: .firestoreQuery))
    #expect(try store.list(JobQuery()).jobs.map(\.job) == [made.job])
    #expect(faults.happenedCount == 2)
  }

  @Test func `waits between tries grow, and Retry-After is kept`() throws {
    faults.add(Fault(.answer(.rpc(503, "UNAVAILABLE")), on: .firestoreBatchGet, times: 3))
    faults.add(Fault(.answer(.rpc(429, "RESOURCE_EXHAUSTED", retryAfterSeconds: 30)), on: .firestoreBatchGet))
    #expect(try store.read(job.id) == nil)
    #expect(cloud.waiting.slept == [1, 2, 4, 38].map { .seconds($0) })
  }

  @Test func `an error behind good elements of an answer is an error`() throws {
    _ = try store.create(job)
    let broken = #"[{"readTime":"2026-01-05T10:15:00Z"},{"error":{"code":503,"status":"UNAVAILABLE"}}]"#
    let answer = FaultAnswer(200, contentType: "application/json; charset=UTF-8", body: broken)
    faults.add(Fault(.answer(answer), on: .firestoreQuery))
    #expect(try store.list(JobQuery()).jobs.count == 1)
    faults.add(Fault(.answer(answer), on: .firestoreQuery, times: nil))
    #expect(failure { try store.list(JobQuery()) }?.code == .remote)
  }

  @Test func `somebody else's change behind a lost answer isn't one's own`() throws {
    let made = try #require(try store.create(job))
    // One's own change is refused unread, and another's is made before the next try.
    faults.add(Fault(.answer(.rpc(503, "UNAVAILABLE")), on: .firestoreCommit))
    let theirs = SimulatedFirestoreChange(cloud, try made.job.claimed(by: "theirs"))
    theirs.happens(before: .firestoreBatchGet)
    #expect(try store.replace(made, with: made.job.claimed(by: "ours")) == nil)
    #expect(try store.read(job.id)?.job.worker?.id == "theirs")
  }

  @Test func `one's own change under somebody else's is reported as lost, and stays made`() throws {
    let made = try #require(try store.create(job))
    faults.add(Fault(.dropResponse, on: .firestoreCommit))
    let ours = try made.job.with(.uploading)
    let theirs = SimulatedFirestoreChange(cloud, try ours.with(.cancelled("stop")))
    theirs.happens(before: .firestoreBatchGet)
    #expect(try store.replace(made, with: ours) == nil)
    #expect(try store.read(job.id)?.job.status == .cancelled)
  }

  @Test func `another job behind a lost answer isn't one's own`() throws {
    _ = try #require(try store.create(TrainingJob.made(config: ["epochs": 1])))
    faults.add(Fault(.answer(.rpc(503, "UNAVAILABLE")), on: .firestoreCommit))
    #expect(try store.create(job) == nil)
    faults.add(Fault(.dropResponse, on: .firestoreCommit))
    #expect(try store.create(job) == nil)
    #expect(try store.read(job.id)?.job.config == ["epochs": 1])
  }

  @Test func `answers that are lost for ever are an error that says what isn't known`() throws {
    let made = try #require(try store.create(job))
    faults.add(Fault(.answer(.rpc(503, "UNAVAILABLE", "try later")), on: .firestoreCommit, times: nil))
    let error = failure { try store.replace(made, with: made.job.with(.uploading)) }
    #expect(error?.code == .remote)
    #expect(error?.message.contains("UNAVAILABLE: try later") == true)
    #expect(error?.unchanged == "it isn't known whether the change was made")
    // A limit was not passed for sure.
    faults.removeAll()
    faults.add(Fault(.answer(.rpc(429, "RESOURCE_EXHAUSTED")), on: .firestoreCommit, times: nil))
    let limited = failure { try store.replace(made, with: made.job.with(.uploading)) }
    #expect(limited?.code == .remote)
    #expect(limited?.unchanged == "nothing was changed")
  }

  @Test func `when reading fails after a lost answer, the effect isn't known either`() throws {
    faults.add(Fault(.dropResponse, on: .firestoreCommit))
    faults.add(Fault(.answer(.rpc(403, "PERMISSION_DENIED")), on: .firestoreBatchGet))
    let error = failure { try store.create(job) }
    #expect(error?.code == .permission)
    #expect(error?.unchanged == "it isn't known whether the change was made")
  }

  @Test func `a server that isn't there is an error of the network`() throws {
    cloud.simulator.stop()
    let error = failure { try store.read(job.id) }
    #expect(error?.code == .remote)
    #expect(error?.message.contains("read the job job_000000000001") == true)
    let write = failure { try store.create(job) }
    #expect(write?.code == .remote)
    // Nothing was sent.
    #expect(write?.unchanged != "it isn't known whether the change was made")
  }
}
