public import RegistryModel

/// The custom jobs of a project in a region, over Vertex AI's JSON interface.
public struct VertexClient: Sendable {
  /// What a client of Vertex AI may do at most: there is no smaller scope for it.
  public static let scope = "https://www.googleapis.com/auth/cloud-platform"

  public let project: ProjectID
  public let region: VertexRegion
  let endpoint: VertexEndpoint
  let connection: ServiceConnection

  public init(
    _ project: ProjectID, _ region: VertexRegion, endpoint: VertexEndpoint, http: HTTPClient,
    credentials: Credentials, retry: RetryPolicy = RetryPolicy()
  ) {
    self.init(
      project, region, endpoint: endpoint, http: http, credentials: credentials, retry: retry,
      clock: .system(http.cancellation))
  }

  package init(
    _ project: ProjectID, _ region: VertexRegion, endpoint: VertexEndpoint, http: HTTPClient,
    credentials: Credentials, retry: RetryPolicy, clock: RequestClock
  ) {
    self.project = project
    self.region = region
    self.endpoint = endpoint
    connection = ServiceConnection(
      service: "Vertex AI", http: http, credentials: credentials, retry: retry, clock: clock)
  }

  /// A client as the environment describes it: ``VertexEndpoint/variable`` or Google's service, with the credentials that
  /// Google's own tools would use.
  ///
  /// - Throws: `usage` and `permission` as ``VertexEndpoint`` and ``Credentials`` do.
  public static func open(
    _ project: ProjectID, _ region: VertexRegion, environment: [String: String], http: HTTPClient
  ) throws(RegistryError) -> VertexClient {
    let endpoint = try VertexEndpoint(region, environment: environment)
    // Beside a simulated store a simulated Vertex AI needs no credentials either; the real one always does.
    let credentials = try Credentials.applicationDefault(
      environment: endpoint.isOverridden ? environment : environment.withoutStorageEmulator, http: http,
      scopes: [scope])
    return VertexClient(project, region, endpoint: endpoint, http: http, credentials: credentials)
  }

  /// `projects/PROJECT/locations/REGION`.
  var parent: String { "projects/\(project)/locations/\(region)" }

  func problem(_ response: HTTPResponse, _ action: String) -> RegistryError {
    ServiceProblem(response).asRegistryError(
      action, account: connection.credentials.account,
      ServiceAdvice(
        service: "Vertex AI",
        forbidden:
          "the roles Vertex AI User (roles/aiplatform.user) on the project \(project) and Service Account User "
          + "on the job's service account, and check that aiplatform.googleapis.com is enabled there",
        missing: "check the project \(project) and the region \(region)",
        invalid:
          "correct what the message says: the machine type and its accelerators must exist in \(region), "
          + "and the image, the service account and the output folder must be right",
        limited:
          "the quota for these machines in \(region) may be used up: ask for more, take other machines or "
          + "another region, or run it again later"))
  }

  /// The custom job that an answer describes.
  func job(_ json: JSONValue, _ action: String) throws(RegistryError) -> CustomJob {
    guard let job = CustomJob(json) else {
      throw connection.malformed(action, "the answer doesn't describe a custom job")
    }
    return job
  }
}
