import CloudSimulator
import GoogleCloud
import RegistryModel
import Testing

@Suite struct VertexJobTests {
  let cloud: SimulatedVertex
  let client: VertexClient

  init() throws {
    cloud = try SimulatedVertex()
    client = try cloud.client()
  }

  @Test func `a job is made, followed through its states, and found by its label`() throws {
    let request = try CustomJobRequest.made()
    #expect(try client.jobs(for: request.jobID).isEmpty)
    let made = try client.createOnce(request)
    #expect(made.state == .queued)
    #expect(made.labels == ["job_id": "job_000000000001", "robot_id": "robot_001"])
    #expect(made.displayName == "modelctl-job_000000000001")
    for (step, state) in [
      (.pending, .pending), (.running, .running), (.succeeded, .succeeded),
    ] as [(VertexState.Step, CustomJobState)] {
      cloud.time.advance(seconds: 60)
      try cloud.simulator.vertex.move(made.name.text, to: step)
      #expect(try client.job(made.name)?.state == state)
    }
    let ended = try #require(try client.job(made.name))
    let (started, end) = (try #require(ended.startedAt), try #require(ended.endedAt))
    #expect(end.milliseconds - started.milliseconds == 60_000)
    #expect(try client.jobs(for: request.jobID) == [ended])
    // What is sent is what is there.
    let sent = try #require(try request.json().asObject)
    let kept = try #require(cloud.simulator.vertex.all.first?.asObject)
    for (name, value) in sent { #expect(kept[name] == value) }
  }

  @Test func `why a job failed is told`() throws {
    let made = try client.createOnce(CustomJobRequest.made())
    try cloud.simulator.vertex.move(made.name.text, to: .failed, error: "The replica\nran out of memory.")
    let ended = try #require(try client.job(made.name))
    #expect(ended.state == .failed)
    #expect(ended.error == "The replica ran out of memory.")
    #expect(ended.consoleURL.hasSuffix("us-central1/training/\(made.name.number)?project=simulated"))
  }

  @Test func `a job that isn't there is nothing, and one of another region is an error`() throws {
    let name = "projects/simulated/locations/us-central1/customJobs/5"
    #expect(try client.job(CustomJobName(parsing: name)) == nil)
    let elsewhere = try CustomJobName(parsing: "projects/simulated/locations/europe-west4/customJobs/5")
    #expect(failure { try client.job(elsewhere) }?.code == .usage)
    #expect(failure { try client.cancel(elsewhere) }?.code == .usage)
    #expect(failure { try client.cancel(CustomJobName(parsing: name)) }?.code == .notFound)
    cloud.simulator.faults.add(Fault(.answer(FaultAnswer(404, body: "<html>no</html>")), on: .vertexGet))
    #expect(failure { try client.job(CustomJobName(parsing: name)) }?.code == .remote)
  }

  @Test func `a job is cancelled, may end otherwise, and can be cancelled again`() throws {
    let made = try client.createOnce(CustomJobRequest.made())
    try client.cancel(made.name)
    #expect(try client.job(made.name)?.state == .cancelling)
    try client.cancel(made.name)
    try cloud.simulator.vertex.move(made.name.text, to: .succeeded)
    // Too late, and no error.
    try client.cancel(made.name)
    #expect(try client.job(made.name)?.state == .succeeded)
    let refused = FaultAnswer.rpc(400, "FAILED_PRECONDITION", "not now")
    let other = try client.createOnce(CustomJobRequest.made("job_2"))
    cloud.simulator.faults.add(Fault(.answer(refused), on: .vertexCancel))
    #expect(failure { try client.cancel(other.name) }?.message.contains("not now") == true)
  }

  @Test func `a job is found behind many pages, and the filter isn't relied on`() throws {
    for number in 0..<230 { _ = try client.createOnce(CustomJobRequest.made("job_\(number)")) }
    cloud.simulator.forgetRequests()
    #expect(try client.jobs(for: JobID(parsing: "job_3")).count == 1)
    #expect(cloud.count(.vertexList) == 1)
    // A list that isn't filtered: pages of a hundred, and other jobs are left out.
    let all = cloud.simulator.vertex.all
    for page in 0..<3 {
      var answer: [String: JSONValue] = ["customJobs": .array(Array(all.dropFirst(page * 100).prefix(100)))]
      if page < 2 { answer["nextPageToken"] = "more" }
      cloud.simulator.faults.add(
        Fault(
          .answer(
            FaultAnswer(200, contentType: "application/json", body: JSONValue.object(answer).canonicalText)),
          on: .vertexList))
    }
    cloud.simulator.forgetRequests()
    #expect(try client.jobs(for: JobID(parsing: "job_223")).map(\.labels["job_id"]) == ["job_223"])
    #expect(cloud.count(.vertexList) == 3)
    #expect(cloud.simulator.requests.last?.target.contains("pageToken=more") == true)
  }

  @Test func `tokens are renewed once, and never shown`() throws {
    let cloud = try SimulatedVertex(requiresToken: true)
    let issuer = cloud.simulator.cloud.issuer
    let client = try cloud.client(credentials: Credentials(IssuedTokens(issuer: issuer), cloud.waiting.clock))
    let made = try client.createOnce(CustomJobRequest.made())
    issuer.revokeAll()
    #expect(try client.job(made.name) == made)
    issuer.revokeAll()
    _ = try client.createOnce(CustomJobRequest.made("job_2"))
    #expect(cloud.states.count == 2)
    let refused = try cloud.client(credentials: Credentials(WrongToken(), cloud.waiting.clock))
    let error = failure { try refused.createOnce(CustomJobRequest.made("job_3")) }
    #expect(error?.code == .permission)
    #expect(error?.description.contains(WrongToken.secret) == false)
    #expect(cloud.states.count == 2)
  }
}
