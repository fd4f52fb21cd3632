package import RegistryModel

/// A service account's key file: signs a token of its own and changes it for an access token (RFC 7523).
package struct ServiceAccount: TokenSource {
  /// How long an access token is asked for.
  static let lifetimeSeconds: Int64 = 3600
  /// How far this clock may be ahead of Google's.
  static let toleranceSeconds: Int64 = 10

  package let account: String
  private let key: SigningKey
  private let keyID: String?
  private let endpoint: HTTPAddress
  private let scopes: [String]
  private let exchange: TokenExchange

  init(_ file: CredentialFile, scopes: [String], exchange: TokenExchange) throws(RegistryError) {
    account = try file.string("client_email")
    key = try SigningKey(pem: file.string("private_key"))
    keyID = file.optionalString("private_key_id")
    endpoint = try file.tokenEndpoint()
    self.scopes = scopes
    self.exchange = exchange
  }

  package func fetch() throws(RegistryError) -> AccessToken {
    let now = exchange.clock.date().milliseconds / 1000
    let assertion = try JSONWebToken.sign(claims(at: now), key, keyID: keyID)
    return try exchange.token(
      from: endpoint,
      form: [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion)],
      account: account,
      hint:
        "check that this machine's clock is right, and that the key of \(account) is neither disabled nor deleted"
    )
  }

  /// - Parameter now: seconds since the epoch.
  func claims(at now: Int64) -> JSONValue {
    let issued = now - Self.toleranceSeconds
    return [
      "iss": .string(account), "aud": .string(endpoint.text),
      "scope": .string(scopes.joined(separator: " ")), "iat": .integer(issued),
      "exp": .integer(issued + Self.lifetimeSeconds),
    ]
  }
}
