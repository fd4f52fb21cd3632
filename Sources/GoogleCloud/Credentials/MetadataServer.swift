package import RegistryModel

/// The account of the machine that this runs on, in Google's cloud.
package struct MetadataServer: TokenSource {
  package let account = "the service account of this machine"
  private let base: String
  private let scopes: [String]
  private let exchange: TokenExchange
  /// What was looked for before, for the message when there is no such server.
  private let lookedFor: String

  init(
    environment: [String: String], scopes: [String], exchange: TokenExchange, lookedFor: String
  ) {
    let host = environment["GCE_METADATA_HOST"] ?? ""
    base = "http://\(host.isEmpty ? "metadata.google.internal" : host)"
    self.scopes = scopes
    self.exchange = exchange
    self.lookedFor = lookedFor
  }

  package func fetch() throws(RegistryError) -> AccessToken {
    let path = "/computeMetadata/v1/instance/service-accounts/default/token"
    let query = PercentEncoding.encode(fields: [("scopes", scopes.joined(separator: ","))])
    var request = HTTPRequest(.get, try HTTPAddress(parsing: "\(base)\(path)?\(query)"))
    request.headers.set("Metadata-Flavor", "Google")
    request.isLocal = true
    request.silenceSeconds = 5
    var retry = exchange.retry
    retry.unreachableTries = min(2, retry.unreachableTries)
    let response: HTTPResponse
    do { response = try exchange.http.performRetrying(request, retry, exchange.clock) } catch {
      guard case .transport = error else { throw error.asRegistryError("get an access token") }
      throw missing("no metadata server answers at \(request.address.host)")
    }
    // Whoever answers in a foreign network isn't it.
    guard response.headers["Metadata-Flavor"] == "Google" else {
      throw missing("what answers at \(request.address.host) is no metadata server")
    }
    guard response.isSuccess else {
      throw missing("the metadata server answered \(response.status); this machine may have no account")
    }
    return try exchange.token(in: response, "get an access token for \(account)")
  }

  private func missing(_ found: String) -> RegistryError {
    RegistryError(
      .permission, "there are no credentials: \(lookedFor), and \(found)",
      hint: "set GOOGLE_APPLICATION_CREDENTIALS to the key file of a service account, "
        + "or run: gcloud auth application-default login")
  }
}
