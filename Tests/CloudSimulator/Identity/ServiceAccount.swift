package import RegistryModel

/// A service account with a key that the simulator made, for clients that need a key file.
package struct ServiceAccount: Sendable {
  package let email: String
  package let keyID: String
  package let key: RSAKey

  package init(email: String, keyID: String = "0123456789abcdef0123456789abcdef01234567") throws {
    self.email = email
    self.keyID = keyID
    key = try RSAKey()
  }

  /// What a downloaded key file has, with another token endpoint.
  package func keyFile(tokenURL: String, project: String = "simulated") throws -> JSONValue {
    [
      "type": "service_account", "project_id": .string(project), "private_key_id": .string(keyID),
      "private_key": .string(try key.privatePEM()), "client_email": .string(email), "client_id": "1",
      "auth_uri": "https://accounts.google.com/o/oauth2/auth", "token_uri": .string(tokenURL),
      "universe_domain": "googleapis.com",
    ]
  }
}
