import GoogleCloud
import RegistryModel
import Testing

/// Which credentials a service gets, by the environment.
@Suite struct OpeningTests {
  private let lacking = [
    "STORAGE_EMULATOR_HOST": "http://127.0.0.1:1", "GOOGLE_APPLICATION_CREDENTIALS": "/nonexistent/key.json",
  ]

  @Test func `an emulated store leaves the other services their credentials`() throws {
    let http = HTTPClient(try HTTPConfiguration())
    let project = try ProjectID(parsing: "p")
    let region = try VertexRegion(parsing: "us-central1")
    #expect(
      failure { try FirestoreClient.open(project, environment: lacking, http: http) }?.code == .permission)
    #expect(
      failure { try VertexClient.open(project, region, environment: lacking, http: http) }?.code
        == .permission)
  }

  @Test func `emulators need none`() throws {
    let http = HTTPClient(try HTTPConfiguration())
    let project = try ProjectID(parsing: "p")
    var environment = lacking
    environment["FIRESTORE_EMULATOR_HOST"] = "127.0.0.1:1"
    environment[VertexEndpoint.variable] = "http://127.0.0.1:1"
    let store = try FirestoreJobStore.open(project, environment: environment, http: http)
    #expect(store.name == "Firestore, projects/p/databases/(default)/documents/training_jobs")
    let region = try VertexRegion(parsing: "us-central1")
    let client = try VertexClient.open(project, region, environment: environment, http: http)
    #expect(client.project == project && client.region == region)
  }
}
