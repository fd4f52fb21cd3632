import CloudSimulator
import GoogleCloud
import RegistryModel

/// Tokens of a simulator's endpoint, without a request.
struct IssuedTokens: TokenSource {
  let issuer: TokenIssuer
  let account = "robot@simulated.iam.gserviceaccount.com"

  func fetch() throws(RegistryError) -> AccessToken {
    guard let value = issuer.issue()["access_token"]?.asString else {
      throw RegistryError(.permission, "no token", hint: "none")
    }
    return AccessToken(value: value, expiresAt: Timestamp(milliseconds: .max))
  }
}

/// A token that nobody accepts.
struct WrongToken: TokenSource {
  static let secret = "ya29.a-secret-that-no-message-shows"
  let account = "robot@simulated.iam.gserviceaccount.com"

  func fetch() -> AccessToken {
    AccessToken(value: Self.secret, expiresAt: Timestamp(milliseconds: .max))
  }
}
