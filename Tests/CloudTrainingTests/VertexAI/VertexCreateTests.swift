import CloudSimulator
import GoogleCloud
import RegistryModel
import Testing

/// A training job never has two custom jobs that run.
@Suite struct VertexCreateTests {
  let cloud: SimulatedVertex
  let client: VertexClient
  let request: CustomJobRequest

  init() throws {
    cloud = try SimulatedVertex()
    client = try cloud.client()
    request = try CustomJobRequest.made()
  }

  private var faults: FaultScript { cloud.simulator.faults }

  /// One job that was made, and the one that the caller was given.
  private func expectOne(_ job: CustomJob) {
    #expect(cloud.simulator.vertex.all.map { $0["name"]?.asString } == [job.name.text])
  }

  struct Trouble: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let action: Fault.Action
    var isMade = false

    static let all = [
      Trouble(testDescription: "503", action: .answer(.rpc(503, "UNAVAILABLE"))),
      Trouble(testDescription: "500", action: .answer(.rpc(500, "INTERNAL"))),
      Trouble(testDescription: "504", action: .answer(.rpc(504, "DEADLINE_EXCEEDED"))),
      Trouble(testDescription: "a gateway's page", action: .answer(FaultAnswer(502))),
      Trouble(testDescription: "429", action: .answer(.rpc(429, "RESOURCE_EXHAUSTED"))),
      Trouble(testDescription: "a broken request", action: .closeRequest(afterBytes: 10)),
      Trouble(testDescription: "a lost answer", action: .dropResponse, isMade: true),
      Trouble(
        testDescription: "made, and 503", action: .doThenAnswer(.rpc(503, "UNAVAILABLE")), isMade: true),
      Trouble(
        testDescription: "made, and 504", action: .doThenAnswer(.rpc(504, "DEADLINE_EXCEEDED")), isMade: true),
      Trouble(testDescription: "half an answer", action: .closeResponse(afterBytes: 20), isMade: true),
    ]
  }

  @Test(arguments: Trouble.all) func `a job is made once, whatever goes wrong on the way`(_ trouble: Trouble)
    throws
  {
    faults.add(Fault(trouble.action, on: .vertexCreate))
    expectOne(try client.createOnce(request))
    #expect(faults.happenedCount == 1)
    #expect(cloud.count(.vertexCreate) == (trouble.isMade ? 1 : 2))
  }

  @Test func `a job whose answer never comes is found`() throws {
    faults.add(Fault(.stallResponse(afterBytes: 0), on: .vertexCreate))
    expectOne(try cloud.client(silenceSeconds: 1).createOnce(request))
    #expect(cloud.count(.vertexCreate) == 1)
  }

  @Test func `after a doubt the list is asked before anything is posted again`() throws {
    faults.add(Fault(.answer(.rpc(503, "UNAVAILABLE")), on: .vertexCreate))
    faults.add(Fault(.answer(.rpc(503, "UNAVAILABLE")), on: .vertexList, skip: 1))
    expectOne(try client.createOnce(request))
    let kinds = cloud.simulator.requests.map(\.kind)
    let looks = [RequestKind](repeating: .vertexList, count: VertexClient.looks)
    // One of the lists fails and is asked for again; one more follows on the job.
    #expect(
      kinds == [.vertexList, .vertexCreate, .vertexList] + looks + [.vertexCreate, .vertexList])
  }

  @Test func `a limit leaves no doubt`() throws {
    faults.add(Fault(.answer(.rpc(429, "RESOURCE_EXHAUSTED", retryAfterSeconds: 7)), on: .vertexCreate))
    expectOne(try client.createOnce(request))
    #expect(cloud.count(.vertexList) == 1)
    #expect(cloud.waiting.slept == [.seconds(8)])
  }

  @Test func `a second call gets the first one's job, whatever became of it`() throws {
    let made = try client.createOnce(request)
    try cloud.simulator.vertex.move(made.name.text, to: .failed)
    let again = try client.createOnce(request)
    #expect(again.name == made.name)
    #expect(again.state == .failed)
    expectOne(again)
  }

  @Test func `when nobody can be asked after a doubt, that is said, and the next call finds the job`() throws
  {
    faults.add(Fault(.dropResponse, on: .vertexCreate))
    faults.add(Fault(.answer(.rpc(403, "PERMISSION_DENIED")), on: .vertexList, skip: 1))
    let error = failure { try client.createOnce(request) }
    #expect(error?.code == .permission)
    #expect(error?.unchanged == "it isn't known whether the change was made")
    expectOne(try client.createOnce(request))
    #expect(cloud.count(.vertexCreate) == 1)
  }

  @Test func `answers that are lost for ever make one job`() throws {
    faults.add(Fault(.doThenAnswer(.rpc(503, "UNAVAILABLE")), on: .vertexCreate, times: nil))
    expectOne(try client.createOnce(request))
    faults.removeAll()
    faults.add(Fault(.answer(.rpc(503, "UNAVAILABLE", "try later")), on: .vertexCreate, times: nil))
    let error = failure { try client.createOnce(CustomJobRequest.made("job_2")) }
    #expect(error?.code == .remote)
    #expect(error?.message.contains("try later") == true)
    #expect(error?.unchanged == "it isn't known whether the change was made")
    #expect(cloud.states.count == 1)
  }

  @Test(arguments: [1, 2]) func `a job that lists show late isn't made again`(lag: Int) throws {
    cloud.simulator.vertex.listLag = lag
    faults.add(Fault(.doThenAnswer(.rpc(503, "UNAVAILABLE")), on: .vertexCreate))
    expectOne(try client.createOnce(request))
    #expect(cloud.count(.vertexCreate) == 1)
  }

  @Test func `of two jobs that a very late list let be made, the older one stays`() throws {
    cloud.simulator.vertex.listLag = VertexClient.looks
    faults.add(Fault(.doThenAnswer(.rpc(503, "UNAVAILABLE")), on: .vertexCreate))
    let made = try client.createOnce(request)
    #expect(made.name.text == cloud.simulator.vertex.all.first?["name"]?.asString)
    #expect(cloud.states == ["JOB_STATE_QUEUED", "JOB_STATE_CANCELLING"])
    for _ in 0...VertexClient.looks { #expect(try client.createOnce(request).name == made.name) }
    #expect(cloud.count(.vertexCreate) == 2)
  }

  /// As somebody makes a job who doesn't look before.
  private func postWithoutLooking() throws {
    let address = "\(cloud.simulator.url)/v1/projects/simulated/locations/us-central1/customJobs"
    var post = HTTPRequest(
      .post, try HTTPAddress(parsing: address), body: .bytes(try request.json().canonicalBytes))
    post.headers.set("Content-Type", "application/json")
    #expect(try HTTPClient(HTTPConfiguration()).perform(post).status == 200)
  }

  @Test func `one that failed isn't kept at the price of one that trains`() throws {
    let first = try client.createOnce(request)
    try cloud.simulator.vertex.move(first.name.text, to: .failed)
    cloud.time.advance(seconds: 1)
    try postWithoutLooking()
    let kept = try client.createOnce(request)
    #expect(kept.name != first.name)
    #expect(cloud.states == ["JOB_STATE_FAILED", "JOB_STATE_QUEUED"])
  }

  @Test func `whoever finds two ends the younger`() throws {
    let first = try client.createOnce(request)
    cloud.time.advance(seconds: 1)
    try postWithoutLooking()
    #expect(try client.createOnce(request).name == first.name)
    #expect(cloud.states == ["JOB_STATE_QUEUED", "JOB_STATE_CANCELLING"])
    // And goes on with the one that stays, even when that fails.
    try cloud.simulator.vertex.move(first.name.text, to: .failed)
    #expect(try client.createOnce(request).name == first.name)
  }

  @Test(
    arguments: [
      (
        FaultAnswer.rpc(400, "INVALID_ARGUMENT", "Machine type \"n9\" is not supported."), .refused,
        "machine type"
      ),
      (
        .rpc(403, "PERMISSION_DENIED", "Permission 'aiplatform.customJobs.create' denied"), .permission,
        "roles/aiplatform.user"
      ),
      (.rpc(404, "NOT_FOUND", "Project not found"), .notFound, "us-central1"),
      (FaultAnswer(404, body: "<html>no</html>"), .remote, "address of Vertex AI"),
    ] as [(FaultAnswer, RegistryError.Code, String)])
  func `a refusal is told in Google's words, at once, with what to do`(
    answer: FaultAnswer, code: RegistryError.Code, hint: String
  ) throws {
    faults.add(Fault(.answer(answer), on: .vertexCreate, times: nil))
    let error = failure { try client.createOnce(request) }
    #expect(error?.code == code)
    #expect(error?.hint.contains(hint) == true)
    #expect(error?.unchanged == "nothing was changed")
    if let words = try? JSONValue(parsing: Array(answer.body.utf8))["error"]?["message"]?.asString {
      #expect(error?.message.contains(words) == true)
    }
    #expect(cloud.count(.vertexCreate) == 1)
    #expect(cloud.waiting.slept.isEmpty)
    #expect(cloud.states.isEmpty)
  }

  @Test func `a quota that stays used up is an error that names it`() throws {
    let words = "The following quota metrics exceed quota limits: custom_model_training_nvidia_t4_gpus"
    faults.add(Fault(.answer(.rpc(429, "RESOURCE_EXHAUSTED", words)), on: .vertexCreate, times: nil))
    let error = failure { try client.createOnce(request) }
    #expect(error?.code == .remote)
    #expect(error?.message.contains(words) == true)
    #expect(error?.hint.contains("quota") == true)
    #expect(error?.unchanged == "nothing was changed")
    #expect(cloud.count(.vertexCreate) > 2)
  }

  @Test func `what the service itself would refuse is refused by the simulator`() throws {
    var request = request
    request.machine = .spec([
      "machineType": "n1-standard-8", "acceleratorType": "ABACUS", "acceleratorCount": 1,
    ])
    let error = failure { try client.createOnce(request) }
    #expect(error?.code == .refused)
    #expect(error?.message.contains("ABACUS") == true)
    request.machine = .spec(["machineType": "n1-standard-8", "gpus": 1])
    #expect(failure { try client.createOnce(request) }?.message.contains("gpus") == true)
    #expect(cloud.states.isEmpty)
  }
}
