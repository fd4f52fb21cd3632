package import RegistryModel
import Synchronization

/// The token endpoint: knows keys and refresh tokens, and which access tokens it gave out.
package final class TokenIssuer: Sendable {
  /// What google-auth and gcloud always name as the audience, whatever the endpoint's address.
  static let publicAudience = "https://oauth2.googleapis.com/token"
  private static let clockSkewSeconds: Int64 = 300

  private struct Account {
    let key: RSAKey
    let keyID: String?
  }
  private struct Refresh {
    let clientID: String
    let clientSecret: String
  }
  private struct Known {
    var accounts: [String: Account] = [:]
    var refreshTokens: [String: Refresh] = [:]
    var expiries: [String: Int64] = [:]
    var lifetimeSeconds: Int64 = 3599
    var issuedCount = 0
  }

  private let known = Mutex(Known())
  private let clock: SimulatedClock

  package init(clock: SimulatedClock = .system) { self.clock = clock }

  package func register(_ account: ServiceAccount) {
    known.withLock { $0.accounts[account.email] = Account(key: account.key, keyID: account.keyID) }
  }

  package func register(email: String, publicPEM: String) throws {
    let key = try RSAKey(publicPEM: publicPEM)
    known.withLock { $0.accounts[email] = Account(key: key, keyID: nil) }
  }

  package func register(refreshToken: String, clientID: String, clientSecret: String) {
    known.withLock {
      $0.refreshTokens[refreshToken] = Refresh(clientID: clientID, clientSecret: clientSecret)
    }
  }

  /// How long tokens that are given out from now on are good.
  package func setLifetime(seconds: Int64) { known.withLock { $0.lifetimeSeconds = seconds } }

  /// Ends every token that was given out.
  package func revokeAll() { known.withLock { $0.expiries = [:] } }

  package var issuedCount: Int { known.withLock { $0.issuedCount } }

  /// A new access token, as the endpoint answers it.
  package func issue() -> JSONValue {
    let now = clock.nowMicroseconds()
    let random = UInt64.random(in: .min ... .max)
    return known.withLock { known in
      known.issuedCount += 1
      let token = "ya29.simulated-\(known.issuedCount)-\(random)"
      known.expiries[token] = now + known.lifetimeSeconds * 1_000_000
      return [
        "access_token": .string(token), "expires_in": .integer(known.lifetimeSeconds), "token_type": "Bearer",
      ]
    }
  }

  /// Whether an `Authorization` lets its bearer in: a token from here, or a token that a known account signed itself.
  package func admits(_ authorization: String?) -> Bool {
    guard let authorization, authorization.hasPrefix("Bearer ") else { return false }
    let token = String(authorization.dropFirst(7))
    let now = clock.nowMicroseconds()
    if let expiry = known.withLock({ $0.expiries[token] }) { return now < expiry }
    guard let signed = JSONWebToken(parsing: token), let account = account(of: signed) else { return false }
    let isForStorage =
      signed.claims["aud"]?.asString == "https://storage.googleapis.com/"
      || signed.claims["aud"] == nil && signed.claims["scope"]?.asString.map { !$0.isEmpty } == true
    return isForStorage && signed.claims["sub"]?.asString == signed.issuer
      && problem(with: signed, account) == nil
  }

  func handle(_ request: Request) -> Reply {
    guard request.method == "POST" else {
      return Self.refusal(405, "invalid_request", "Only POST is allowed.")
    }
    guard let type = request.headers["Content-Type"],
      type.lowercased().hasPrefix("application/x-www-form-urlencoded"),
      let bytes = try? request.body.bytes(in: 0..<min(request.body.count, 1 << 16)),
      let form = Query(parsing: String(decoding: bytes, as: UTF8.self))
    else { return Self.refusal(400, "invalid_request", "The body is no form.") }
    switch form["grant_type"] {
    case "urn:ietf:params:oauth:grant-type:jwt-bearer": return bearer(form, request)
    case "refresh_token": return refresh(form)
    case nil: return Self.refusal(400, "invalid_request", "Required parameter is missing: grant_type")
    case let other?: return Self.refusal(400, "unsupported_grant_type", "Invalid grant_type: \(other)")
    }
  }

  private func bearer(_ form: Query, _ request: Request) -> Reply {
    guard let token = form["assertion"].flatMap(JSONWebToken.init(parsing:)) else {
      return Self.refusal(400, "invalid_grant", "Invalid JWT: the assertion is no JWT.")
    }
    guard let account = account(of: token) else {
      return Self.refusal(400, "invalid_grant", "Invalid grant: account not found")
    }
    let audience = token.claims["aud"]?.asString
    guard audience == Self.publicAudience || audience == "\(request.baseURL)/token" else {
      return Self.refusal(400, "invalid_grant", "Invalid JWT: Failed audience check.")
    }
    guard let scope = token.claims["scope"]?.asString, !scope.isEmpty else {
      return Self.refusal(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")
    }
    if let problem = problem(with: token, account) { return Self.refusal(400, "invalid_grant", problem) }
    return .json(200, issue())
  }

  private func refresh(_ form: Query) -> Reply {
    guard let token = form["refresh_token"], let known = known.withLock({ $0.refreshTokens[token] }) else {
      return Self.refusal(400, "invalid_grant", "Token has been expired or revoked.")
    }
    guard form["client_id"] == known.clientID, form["client_secret"] == known.clientSecret else {
      return Self.refusal(401, "invalid_client", "The OAuth client was not found.")
    }
    return .json(200, issue())
  }

  private func account(of token: JSONWebToken) -> Account? {
    token.issuer.flatMap { issuer in known.withLock { $0.accounts[issuer] } }
  }

  /// What is wrong with a token's header, signature or times; nil for nothing.
  private func problem(with token: JSONWebToken, _ account: Account) -> String? {
    guard token.header["alg"]?.asString == "RS256", token.header["typ"]?.asString ?? "JWT" == "JWT" else {
      return "Invalid JWT: the header must say RS256."
    }
    if let wanted = account.keyID, let named = token.header["kid"]?.asString, named != wanted {
      return "Invalid JWT Signature: no key has the id \(named)."
    }
    guard account.key.verifies(token.signature, of: token.signed) else { return "Invalid JWT Signature." }
    let now = clock.nowMicroseconds() / 1_000_000
    guard let issued = token.claims["iat"]?.asInt, let expiry = token.claims["exp"]?.asInt,
      issued <= now + Self.clockSkewSeconds, expiry > now, expiry > issued, expiry - issued <= 3600
    else {
      return "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
        + "Check your iat and exp values in the JWT claim."
    }
    return nil
  }

  private static func refusal(_ status: Int, _ error: String, _ description: String) -> Reply {
    .json(status, ["error": .string(error), "error_description": .string(description)])
  }
}
