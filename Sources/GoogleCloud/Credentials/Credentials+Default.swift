import Glibc
public import RegistryModel

extension Credentials {
  /// What a client of Cloud Storage may do at most.
  public static let storageScope = "https://www.googleapis.com/auth/devstorage.read_write"

  /// Credentials as all of Google's tools look for them ("application default credentials").
  ///
  /// In this order: the file that `GOOGLE_APPLICATION_CREDENTIALS` names; gcloud's file, in `CLOUDSDK_CONFIG` or
  /// `~/.config/gcloud`; the metadata server, which is asked when the first token is needed. With
  /// `STORAGE_EMULATOR_HOST` none is used.
  ///
  /// - Throws: `permission` for a file that is named and missing, malformed, or of a kind that isn't supported.
  public static func applicationDefault(
    environment: [String: String], http: HTTPClient, scopes: [String] = [storageScope],
    retry: RetryPolicy = RetryPolicy()
  ) throws(RegistryError) -> Credentials {
    try applicationDefault(
      environment: environment, http: http, scopes: scopes, retry: retry, clock: .system(http.cancellation))
  }

  package static func applicationDefault(
    environment: [String: String], http: HTTPClient, scopes: [String], retry: RetryPolicy,
    clock: RequestClock
  ) throws(RegistryError) -> Credentials {
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    if variable("STORAGE_EMULATOR_HOST") != nil { return .anonymous }
    let exchange = TokenExchange(http: http, retry: retry, clock: clock)
    if let path = variable("GOOGLE_APPLICATION_CREDENTIALS") {
      return Credentials(try source(CredentialFile(path), scopes, exchange), clock)
    }
    var lookedFor = "GOOGLE_APPLICATION_CREDENTIALS isn't set"
    let folder = variable("CLOUDSDK_CONFIG") ?? variable("HOME").map { "\($0)/.config/gcloud" }
    if let path = folder.map({ "\($0)/application_default_credentials.json" }) {
      if access(path, F_OK) == 0 {
        return Credentials(try source(CredentialFile(path), scopes, exchange), clock)
      }
      lookedFor += ", \(path) isn't there"
    }
    return Credentials(
      MetadataServer(environment: environment, scopes: scopes, exchange: exchange, lookedFor: lookedFor),
      clock)
  }

  private static func source(
    _ file: CredentialFile, _ scopes: [String], _ exchange: TokenExchange
  ) throws(RegistryError) -> any TokenSource {
    switch file.type {
    case "service_account": return try ServiceAccount(file, scopes: scopes, exchange: exchange)
    case "authorized_user": return try AuthorizedUser(file, exchange: exchange)
    default:
      throw RegistryError(
        .permission, "credentials of the type \(file.type.quoted) in \(file.path) aren't supported",
        hint: "use the key file of a service account, or run: gcloud auth application-default login")
    }
  }
}
