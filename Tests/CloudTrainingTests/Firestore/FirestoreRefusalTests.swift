import CloudSimulator
import GoogleCloud
import RegistryModel
import Testing

/// What Firestore refuses, and what must not be taken for an answer.
@Suite struct FirestoreRefusalTests {
  let cloud: SimulatedFirestore
  let job: TrainingJob

  init() throws {
    cloud = try SimulatedFirestore()
    job = try TrainingJob.made()
  }

  private var faults: FaultScript { cloud.simulator.faults }

  @Test func `a database that isn't there is an error, and no missing job`() throws {
    let store = try cloud.store(database: "elsewhere")
    let made = try #require(try cloud.store().create(job))
    for error in [
      failure { try store.read(job.id) }, failure { try store.create(job) },
      failure { try store.list(JobQuery()) },
      failure { try store.replace(made, with: made.job.with(.uploading)) },
    ] {
      #expect(error?.code == .notFound)
      #expect(error?.message.contains("The database elsewhere does not exist") == true)
      #expect(error?.hint.contains("native mode") == true)
    }
  }

  @Test func `a gateway's 404 is no missing job`() throws {
    let store = try cloud.store()
    faults.add(Fault(.answer(FaultAnswer(404, body: "<html>no such page</html>")), on: .firestoreBatchGet))
    #expect(failure { try store.read(job.id) }?.code == .remote)
    let made = try #require(try store.create(job))
    faults.add(Fault(.answer(FaultAnswer(404, body: "<html>no such page</html>")), on: .firestoreCommit))
    #expect(failure { try store.replace(made, with: made.job.with(.uploading)) }?.code == .remote)
  }

  @Test func `a page that isn't Firestore's is no answer`() throws {
    let store = try cloud.store()
    for body in ["<html>log in first</html>", "[]", "{}"] {
      let isPage = body.hasPrefix("<")
      let answer = FaultAnswer(200, contentType: isPage ? "text/html" : "application/json", body: body)
      faults.add(Fault(.answer(answer), on: .firestoreBatchGet))
      #expect(failure { try store.read(job.id) }?.code == .remote)
      faults.add(Fault(.answer(answer), on: .firestoreCommit))
      let error = failure { try store.create(job) }
      #expect(error?.code == .remote)
      #expect(error?.unchanged == "it isn't known whether the change was made")
    }
  }

  @Test func `a precondition that fails for another reason is no lost race`() throws {
    let store = try cloud.store()
    let made = try #require(try store.create(job))
    let datastore = FaultAnswer.rpc(
      400, "FAILED_PRECONDITION", "The Cloud Firestore API is not available for Firestore in Datastore Mode.")
    faults.add(Fault(.answer(datastore), on: .firestoreCommit))
    let error = failure { try store.replace(made, with: made.job.with(.uploading)) }
    #expect(error?.code == .refused)
    #expect(error?.message.contains("Datastore Mode") == true)
    faults.add(Fault(.answer(datastore), on: .firestoreCommit))
    #expect(failure { try store.create(TrainingJob.made("job_other")) }?.code == .refused)
  }

  @Test func `what its owner may not do is an error with the role that is needed`() throws {
    let store = try cloud.store()
    let denied = FaultAnswer.rpc(403, "PERMISSION_DENIED", "Missing or insufficient permissions.")
    faults.add(Fault(.answer(denied), on: .firestoreBatchGet))
    let error = failure { try store.read(job.id) }
    #expect(error?.code == .permission)
    #expect(error?.message.contains("Missing or insufficient permissions.") == true)
    #expect(error?.hint.contains("roles/datastore.user") == true)
    #expect(cloud.waiting.slept.isEmpty)
  }

  @Test func `a list that lacks its index says where the indexes are`() throws {
    let cloud = try SimulatedFirestore(hasIndexes: false)
    let store = try cloud.store()
    _ = try #require(try store.create(job))
    #expect(try store.list(JobQuery()).jobs.count == 1)
    for query in [JobQuery(robot: job.robot), JobQuery(status: .pending)] {
      let error = failure { try store.list(query) }
      #expect(error?.code == .refused)
      #expect(error?.hint.contains("tools/container/firestore.indexes.json") == true)
      #expect(error?.message.contains("https://console.firebase.google.com") == true)
    }
  }

  @Test func `a token that ends meanwhile is replaced once`() throws {
    let cloud = try SimulatedFirestore(requiresToken: true)
    let issuer = cloud.simulator.cloud.issuer
    let store = try cloud.store(
      credentials: Credentials(IssuedTokens(issuer: issuer), cloud.waiting.clock))
    let made = try #require(try store.create(job))
    issuer.revokeAll()
    #expect(try store.read(job.id)?.job == made.job)
    issuer.revokeAll()
    #expect(try store.replace(made, with: made.job.with(.uploading)) != nil)
    #expect(issuer.issuedCount == 3)
    #expect(cloud.simulator.requests.map(\.status) == [200, 401, 200, 401, 200])
    #expect(cloud.waiting.slept.isEmpty)
  }

  @Test func `a token that nobody accepts is an error without the token`() throws {
    let cloud = try SimulatedFirestore(requiresToken: true)
    let store = try cloud.store(credentials: Credentials(WrongToken(), cloud.waiting.clock))
    for error in [failure { try store.read(job.id) }, failure { try store.create(job) }] {
      #expect(error?.code == .permission)
      #expect(error?.description.contains("robot@simulated.iam.gserviceaccount.com") == true)
      #expect(error?.description.contains(WrongToken.secret) == false)
    }
    #expect(cloud.simulator.requests.count == 4)
  }

  @Test func `what Firestore can't keep is refused before anything is sent`() throws {
    let store = try cloud.store()
    let deep = (0..<25).reduce(JSONValue.integer(1)) { inner, _ in ["a": inner] }
    for config in [["layers": [[1, 2], [3]]], ["": 1], ["__name__": 1], ["deep": deep]] as [JSONValue] {
      let error = failure { try store.create(TrainingJob.made(config: config)) }
      #expect(error?.code == .usage)
      #expect(error?.message.contains("job_000000000001") == true)
      #expect(error?.message.contains("config") == true)
    }
    #expect(cloud.simulator.requests.isEmpty)
  }
}
