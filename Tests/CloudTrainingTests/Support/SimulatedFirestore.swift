import CloudSimulator
import Foundation
import GoogleCloud
import RegistryModel

/// A simulated Firestore with the indexes that ship, and clients of it. Its clock stands still until a test moves it.
final class SimulatedFirestore: Sendable {
  let simulator: Simulator
  let time = ManualClock()
  /// The clients' own time, which passes while they wait.
  let waiting = FakeClock()
  static let root = "projects/simulated/databases/(default)/documents"

  init(hasIndexes: Bool = true, requiresToken: Bool = false) throws {
    simulator = Simulator(requiresToken: requiresToken, clock: time.clock)
    if hasIndexes {
      let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../tools/container/firestore.indexes.json")
      simulator.firestore.indexes = try FirestoreIndex.list(JSONValue(parsing: Data(contentsOf: file)))
    }
    try simulator.start()
  }

  deinit { simulator.stop() }

  func store(
    project: String = "simulated", database: String = FirestoreEndpoint.defaultDatabase,
    credentials: Credentials = .anonymous, retry: RetryPolicy = RetryPolicy()
  ) throws -> FirestoreJobStore {
    let project = try ProjectID(parsing: project)
    return try FirestoreJobStore(
      FirestoreClient(
        project,
        endpoint: FirestoreEndpoint(project, database: database, base: simulator.url, isEmulator: false),
        http: HTTPClient(HTTPConfiguration()), credentials: credentials, retry: retry, clock: waiting.clock))
  }

  var others: FirestoreForeignJobs {
    FirestoreForeignJobs(
      base: simulator.url, root: Self.root, collection: FirestoreJobStore.defaultCollection)
  }

  func stage() throws -> JobStage {
    JobStage(store: try store(), others: others, advance: { [time] in time.advance(seconds: $0) })
  }

  /// The values of a job's document.
  func values(of id: String = "job_000000000001") -> [String: JSONValue]? {
    simulator.firestore.fields(of: "\(Self.root)/training_jobs/\(id)")
  }
}
