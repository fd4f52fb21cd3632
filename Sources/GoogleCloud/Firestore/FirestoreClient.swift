public import RegistryModel

/// A database of Firestore, over its JSON interface.
///
/// Reads and queries are tried again. A write always has a precondition; before it is sent a second time after an answer
/// that was lost, the document is read, so that one's own change is never taken for somebody else's.
public struct FirestoreClient: Sendable {
  /// What a client of Firestore may do at most.
  public static let scope = "https://www.googleapis.com/auth/datastore"

  public let project: ProjectID
  package let endpoint: FirestoreEndpoint
  let connection: ServiceConnection

  public init(
    _ project: ProjectID, endpoint: FirestoreEndpoint, http: HTTPClient, credentials: Credentials,
    retry: RetryPolicy = RetryPolicy()
  ) {
    self.init(
      project, endpoint: endpoint, http: http, credentials: credentials, retry: retry,
      clock: .system(http.cancellation))
  }

  package init(
    _ project: ProjectID, endpoint: FirestoreEndpoint, http: HTTPClient, credentials: Credentials,
    retry: RetryPolicy, clock: RequestClock
  ) {
    self.project = project
    self.endpoint = endpoint
    connection = ServiceConnection(
      service: "Firestore", http: http, credentials: endpoint.isEmulator ? .anonymous : credentials,
      // What the emulator takes for somebody who may do everything.
      fixedToken: endpoint.isEmulator ? "owner" : nil, retry: retry, clock: clock)
  }

  /// A client as the environment describes it: `FIRESTORE_EMULATOR_HOST` or Google's service, with the credentials that
  /// Google's own tools would use.
  ///
  /// - Throws: `usage` and `permission` as ``FirestoreEndpoint`` and ``Credentials`` do.
  public static func open(
    _ project: ProjectID, database: String = FirestoreEndpoint.defaultDatabase,
    environment: [String: String], http: HTTPClient
  ) throws(RegistryError) -> FirestoreClient {
    let endpoint = try FirestoreEndpoint(project, database: database, environment: environment)
    var credentials = Credentials.anonymous
    if !endpoint.isEmulator {
      credentials = try .applicationDefault(
        environment: environment.withoutStorageEmulator, http: http, scopes: [scope])
    }
    return FirestoreClient(project, endpoint: endpoint, http: http, credentials: credentials)
  }

  func problem(_ response: HTTPResponse, _ action: String) -> RegistryError {
    let problem = ServiceProblem(response)
    if problem.status == 400, problem.reason == "FAILED_PRECONDITION",
      problem.message?.lowercased().contains("index") == true
    {
      return RegistryError(
        .refused, "can't \(action): Firestore lacks an index: \(problem.text)",
        hint: "have the indexes of tools/container/firestore.indexes.json made, and wait until they are ready"
      )
    }
    return problem.asRegistryError(
      action, account: connection.credentials.account,
      ServiceAdvice(
        service: "Firestore",
        forbidden: "the role Cloud Datastore User (roles/datastore.user) on the project \(project)",
        missing: "check the project \(project), and that it has a database of Firestore in native mode",
        invalid: "correct what the message says; this may also be a database that isn't in native mode",
        limited: "the quota of Firestore is used up, or too much is asked for at once; run it again later"))
  }
}

extension [String: String] {
  /// Without the variable for which no credentials are used: another service is asked for real.
  var withoutStorageEmulator: [String: String] { filter { $0.key != "STORAGE_EMULATOR_HOST" } }
}
