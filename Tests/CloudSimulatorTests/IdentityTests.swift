import CloudSimulator
import Foundation
import RegistryModel
import Testing

@Suite struct IdentityTests {
  private let caller = Caller(requiresToken: true)
  private let account: ServiceAccount
  private static let form = [("Content-Type", "application/x-www-form-urlencoded")]
  private static let now: Int64 = 1_767_608_100

  init() throws {
    account = try ServiceAccount(email: "robot@simulated.iam.gserviceaccount.com")
    caller.cloud.issuer.register(account)
  }

  private func signed(_ changes: [String: JSONValue?] = [:], key: RSAKey? = nil, header: JSONValue? = nil)
    throws -> String
  {
    var claims: [String: JSONValue] = [
      "iss": .string(account.email), "aud": "http://127.0.0.1:9/token", "scope": "a b",
      "iat": .integer(Self.now),
      "exp": .integer(Self.now + 3600),
    ]
    for (name, value) in changes { claims[name] = value }
    let header = header ?? ["alg": "RS256", "typ": "JWT", "kid": .string(account.keyID)]
    let text =
      "\(Self.base64URL(header.canonicalBytes)).\(Self.base64URL(JSONValue.object(claims).canonicalBytes))"
    return "\(text).\(Self.base64URL(try (key ?? account.key).sign(Array(text.utf8))))"
  }

  private static func base64URL(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
      "=", with: "")
  }

  private func grant(_ assertion: String) throws -> Answer {
    let type = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"
    return try caller.call(
      "POST", "/token", Self.form, body: Array("grant_type=\(type)&assertion=\(assertion)".utf8))
  }

  @Test func `a signed assertion gets a token that lets in until it expires`() throws {
    let answer = try grant(signed())
    #expect(answer.status == 200, "\(answer.text)")
    #expect(try answer.json["expires_in"] == 3599)
    let bearer = [("Authorization", "Bearer \(try answer.json["access_token"]?.asString ?? "")")]
    #expect(try caller.call("GET", Caller.objects).status == 401)
    #expect(try caller.call("GET", Caller.objects, bearer).status == 200)
    caller.clock.advance(seconds: 3599)
    let late = try caller.call("GET", Caller.objects, bearer)
    #expect(late.status == 401)
    #expect(late.reason == "authError")
  }

  @Test func `both audiences are accepted`() throws {
    #expect(try grant(signed(["aud": "https://oauth2.googleapis.com/token"])).status == 200)
    #expect(try grant(signed(["aud": "https://example.com/token"])).status == 400)
  }

  @Test func `what is wrong with an assertion is 400 invalid_grant`() throws {
    let assertions = [
      try signed(["exp": .integer(Self.now)]), try signed(["exp": .integer(Self.now + 3601)]),
      try signed(["iat": .integer(Self.now + 301)]), try signed(["iss": "other@example.com"]),
      try signed(key: RSAKey()), try signed(header: ["alg": "HS256", "typ": "JWT"]),
      try signed(header: ["alg": "RS256", "typ": "JWT", "kid": "other"]), "a.b", "",
    ]
    for assertion in assertions {
      let answer = try grant(assertion)
      #expect(answer.status == 400)
      #expect(try answer.json["error"] == "invalid_grant")
    }
  }

  @Test func `a public key in PEM is enough to know an account`() throws {
    let other = try RSAKey()
    try caller.cloud.issuer.register(email: "pem@example.com", publicPEM: try other.publicPEM())
    #expect(try grant(signed(["iss": "pem@example.com"], key: other)).status == 200)
    #expect(throws: KeyFailure.self) { try RSAKey(publicPEM: "nothing") }
  }

  @Test func `a token that an account signed itself lets in`() throws {
    let scoped = try signed(["sub": .string(account.email), "aud": JSONValue?.none])
    #expect(try caller.call("GET", Caller.objects, [("Authorization", "Bearer \(scoped)")]).status == 200)
    let other = try signed(["sub": .string(account.email)])
    #expect(try caller.call("GET", Caller.objects, [("Authorization", "Bearer \(other)")]).status == 401)
  }

  @Test func `a refresh token gets a token`() throws {
    caller.cloud.issuer.register(refreshToken: "r", clientID: "i", clientSecret: "s")
    func grant(_ text: String) throws -> Answer {
      try caller.call("POST", "/token", Self.form, body: Array("grant_type=refresh_token&\(text)".utf8))
    }
    #expect(try grant("refresh_token=r&client_id=i&client_secret=s").status == 200)
    #expect(try grant("refresh_token=r&client_id=i&client_secret=x").status == 401)
    let gone = try grant("refresh_token=x&client_id=i&client_secret=s")
    #expect(gone.status == 400)
    #expect(try gone.json["error"] == "invalid_grant")
  }

  @Test func `an upload session's address needs no token, and its start does`() throws {
    let start = "\(Caller.uploads)?uploadType=resumable&name=a"
    #expect(try caller.call("POST", start).status == 401)
    let token = caller.cloud.issuer.issue()["access_token"]?.asString ?? ""
    let answer = try caller.call("POST", start, [("Authorization", "Bearer \(token)")])
    let session = try #require(answer.headers["Location"]).replacing("http://127.0.0.1:9", with: "")
    #expect(try caller.put(session, "bytes 0-0/1", [1]).status == 200)
  }

  @Test func `the metadata server asks for its header`() throws {
    let path = "/computeMetadata/v1/instance/service-accounts/default/token?scopes=a"
    let flavor = [("Metadata-Flavor", "Google")]
    #expect(try caller.call("GET", path).status == 403)
    #expect(try caller.call("GET", path, flavor + [("X-Forwarded-For", "1.2.3.4")]).status == 403)
    let answer = try caller.call("GET", path, flavor)
    #expect(answer.status == 200)
    #expect(answer.headers["Metadata-Flavor"] == "Google")
    let bearer = [("Authorization", "Bearer \(try answer.json["access_token"]?.asString ?? "")")]
    #expect(try caller.call("GET", Caller.objects, bearer).status == 200)
    #expect(try caller.call("GET", "/computeMetadata/v1/project/project-id", flavor).text == "simulated")
    #expect(try caller.call("GET", "/").headers["Metadata-Flavor"] == "Google")
    #expect(try caller.call("GET", "/computeMetadata/v1/other", flavor).status == 404)
  }
}
