package import RegistryModel

/// What `gcloud auth application-default login` leaves: a refresh token of a person.
package struct AuthorizedUser: TokenSource {
  package let account: String
  private let clientID: String
  private let clientSecret: String
  private let refreshToken: String
  private let endpoint: HTTPAddress
  private let exchange: TokenExchange

  init(_ file: CredentialFile, exchange: TokenExchange) throws(RegistryError) {
    let name = file.optionalString("account") ?? ""
    account = name.isEmpty ? "the user of \(file.path)" : name
    clientID = try file.string("client_id")
    clientSecret = try file.string("client_secret")
    refreshToken = try file.string("refresh_token")
    endpoint = try file.tokenEndpoint()
    self.exchange = exchange
  }

  package func fetch() throws(RegistryError) -> AccessToken {
    try exchange.token(
      from: endpoint,
      form: [
        ("grant_type", "refresh_token"), ("client_id", clientID), ("client_secret", clientSecret),
        ("refresh_token", refreshToken),
      ],
      account: account, hint: "run: gcloud auth application-default login")
  }
}

extension AuthorizedUser: CustomStringConvertible, CustomDebugStringConvertible {
  package var description: String { account }
  package var debugDescription: String { account }
}
