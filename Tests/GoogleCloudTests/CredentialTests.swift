import Foundation
import GoogleCloud
import RegistryModel
import Synchronization
import Testing

@Suite struct CredentialTests {
  private static let token = #"{"access_token":"ya29.s3cret","expires_in":3599,"token_type":"Bearer"}"#

  private func credentials(
    _ environment: [String: String], _ clock: FakeClock = FakeClock()
  ) throws -> Credentials {
    try Credentials.applicationDefault(
      environment: environment, http: HTTPClient(impatient()), scopes: [Credentials.storageScope],
      retry: RetryPolicy(), clock: clock.clock)
  }

  private func write(_ fields: [String: String], _ path: String) throws {
    let json = JSONValue.object(fields.mapValues(JSONValue.string))
    try Data(json.canonicalBytes).write(to: URL(fileURLWithPath: path))
  }

  private func serviceAccount(_ server: ScriptedServer) throws -> [String: String] {
    [
      "type": "service_account", "client_email": "robot@p.iam.gserviceaccount.com", "private_key_id": "k1",
      "private_key": try #require(TestKey.shared).pem, "token_uri": "\(server.base)/token",
    ]
  }

  private func form(_ request: ScriptedServer.Request) -> [String: String] {
    let pairs = String(decoding: request.body, as: UTF8.self).split(separator: "&").map {
      $0.split(separator: "=")
    }
    return Dictionary(
      uniqueKeysWithValues: pairs.map { (String($0[0]), $0.last?.removingPercentEncoding ?? "") })
  }

  private func decoded(_ part: Substring) -> [UInt8] {
    let text = part.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
    return Base64.decode(text + String(repeating: "=", count: (4 - text.count % 4) % 4)) ?? []
  }

  @Test func `a service account signs what it is and for how long`() throws {
    let server = try ScriptedServer { _, _, exchange in exchange.reply(200, json: Self.token) }
    defer { server.stop() }
    try withFolder { folder in
      try write(serviceAccount(server), "\(folder)/key.json")
      let credentials = try credentials(["GOOGLE_APPLICATION_CREDENTIALS": "\(folder)/key.json"])
      #expect(credentials.account == "robot@p.iam.gserviceaccount.com")
      let token = try #require(try credentials.token())
      #expect(token.value == "ya29.s3cret")
      #expect(!"\(token)".contains("s3cret") && !String(reflecting: token).contains("s3cret"))
      _ = try credentials.token()
      #expect(server.requests.count == 1)

      let form = form(server.requests[0])
      #expect(form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer")
      let parts = try #require(form["assertion"]).split(separator: ".")
      #expect(parts.count == 3)
      #expect(
        String(decoding: decoded(parts[0]), as: UTF8.self) == #"{"alg":"RS256","kid":"k1","typ":"JWT"}"#)
      let claims = try JSONValue(parsing: decoded(parts[1]))
      #expect(claims["iss"] == "robot@p.iam.gserviceaccount.com")
      #expect(claims["aud"] == .string("\(server.base)/token"))
      #expect(claims["scope"] == .string(Credentials.storageScope))
      #expect(claims["iat"] == .integer(1_767_225_600 - 10))
      #expect(claims["exp"] == .integer(1_767_225_600 - 10 + 3600))
      let key = try #require(TestKey.shared)
      #expect(key.isSignature(decoded(parts[2]), of: Array("\(parts[0]).\(parts[1])".utf8)))
      #expect(!key.isSignature(decoded(parts[2]), of: Array("\(parts[0]).\(parts[1])x".utf8)))
    }
  }

  @Test func `a token is replaced 225 seconds ahead, by one caller for all`() throws {
    let number = Mutex(0)
    let server = try ScriptedServer { _, _, exchange in
      let name = number.withLock {
        $0 += 1
        return $0
      }
      exchange.reply(200, json: Self.token.replacingOccurrences(of: "s3cret", with: "\(name)"))
    }
    defer { server.stop() }
    try withFolder { folder in
      try write(
        [
          "type": "authorized_user", "client_id": "id", "client_secret": "word", "refresh_token": "again",
          "token_uri": "\(server.base)/token",
        ], "\(folder)/application_default_credentials.json")
      let clock = FakeClock()
      let credentials = try credentials(["CLOUDSDK_CONFIG": folder], clock)
      DispatchQueue.concurrentPerform(iterations: 8) { _ in
        #expect(throws: Never.self) { try credentials.token() }
      }
      #expect(server.requests.count == 1)
      let form = form(server.requests[0])
      #expect(
        form == [
          "grant_type": "refresh_token", "client_id": "id", "client_secret": "word", "refresh_token": "again",
        ])
      clock.advance(.seconds(3599 - 226))
      #expect(try credentials.token()?.value == "ya29.1")
      clock.advance(.seconds(2))
      let second = try #require(try credentials.token())
      #expect(second.value == "ya29.2")
      credentials.refuse(second)
      #expect(try credentials.token()?.value == "ya29.3")
      credentials.refuse(second)
      #expect(try credentials.token()?.value == "ya29.3")
    }
  }

  @Test func `a token that still holds is used when no new one can be had`() throws {
    let server = try ScriptedServer { number, _, exchange in
      if number == 0 { exchange.reply(200, json: Self.token) } else { exchange.reply(400, json: "{}") }
    }
    defer { server.stop() }
    try withFolder { folder in
      try write(serviceAccount(server), "\(folder)/key.json")
      let clock = FakeClock()
      let credentials = try credentials(["GOOGLE_APPLICATION_CREDENTIALS": "\(folder)/key.json"], clock)
      _ = try credentials.token()
      clock.advance(.seconds(3500))
      #expect(try credentials.token()?.value == "ya29.s3cret")
      clock.advance(.seconds(100))
      #expect(failure { try credentials.token() }?.code == .permission)
    }
  }

  @Test func `the metadata server is asked last`() throws {
    let server = try ScriptedServer { _, _, exchange in
      exchange.reply(200, json: Self.token, [("Metadata-Flavor", "Google")])
    }
    defer { server.stop() }
    let host = "127.0.0.1:\(server.port)"
    let credentials = try credentials(["GCE_METADATA_HOST": host, "HOME": "/nonexistent"])
    #expect(server.requests.isEmpty)
    #expect(try credentials.token()?.value == "ya29.s3cret")
    let request = server.requests[0]
    #expect(request.path == "/computeMetadata/v1/instance/service-accounts/default/token")
    #expect(request.query("scopes")?.removingPercentEncoding == Credentials.storageScope)
    #expect(request.headers["metadata-flavor"] == "Google")
  }

  @Test func `without any credentials it is said what to do`() throws {
    let server = try ScriptedServer { _, _, exchange in exchange.reply(200, json: Self.token) }
    defer { server.stop() }
    for host in ["127.0.0.1:\(server.port)", "127.0.0.1:1"] {
      let error = try #require(
        failure { try credentials(["GCE_METADATA_HOST": host, "HOME": "/nonexistent"]).token() })
      #expect(error.code == .permission)
      #expect(error.message.contains("GOOGLE_APPLICATION_CREDENTIALS isn't set"))
      #expect(error.hint.contains("gcloud auth application-default login"))
    }
  }

  @Test func `an emulator gets no token`() throws {
    let credentials = try credentials([
      "STORAGE_EMULATOR_HOST": "127.0.0.1:1", "GOOGLE_APPLICATION_CREDENTIALS": "/nonexistent",
    ])
    #expect(credentials.isAnonymous)
    #expect(try credentials.token() == nil)
  }

  @Test func `credentials that are broken are refused, and nothing of them is shown`() throws {
    let server = try ScriptedServer { _, _, exchange in
      exchange.reply(
        400, json: #"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#)
    }
    defer { server.stop() }
    try withFolder { folder in
      let path = "\(folder)/key.json"
      let environment = ["GOOGLE_APPLICATION_CREDENTIALS": path]
      func error() throws -> RegistryError {
        try #require(failure { try credentials(environment).token() })
      }
      let good = try serviceAccount(server)
      #expect(try error().message.contains("can't be read"))
      try Data("not JSON: s3cret".utf8).write(to: URL(fileURLWithPath: path))
      #expect(try !error().description.contains("s3cret"))
      for (key, value) in [
        ("private_key", "-----BEGIN PRIVATE KEY-----\nczNjcmV0\n-----END PRIVATE KEY-----"),
        ("private_key", "s3cret"), ("client_email", ""), ("token_uri", "http://example.org/token"),
        ("type", "external_account"), ("type", "new_kind"),
      ] {
        try write(good.merging([key: value]) { $1 }, path)
        let error = try error()
        #expect(error.code == .permission, "\(key)")
        #expect(!error.description.contains("s3cret"))
        if value == "external_account" { #expect(error.message.contains("aren't supported")) }
      }
      try write(good, path)
      let refused = try error()
      #expect(refused.code == .permission)
      #expect(refused.message.contains("invalid_grant: Token has been expired or revoked."))
      #expect(refused.hint.contains("clock"))
    }
  }

  @Test func `a refused token is replaced once`() throws {
    let fetched = Mutex(0)
    struct Source: TokenSource {
      let account = "me"
      let fetched: @Sendable () -> Int
      func fetch() -> AccessToken {
        AccessToken(value: "t\(fetched())", expiresAt: Timestamp(milliseconds: 4_000_000_000_000))
      }
    }
    let source = Source(fetched: {
      fetched.withLock {
        $0 += 1
        return $0
      }
    })
    let server = try ScriptedServer { number, request, exchange in
      let isGood = request.headers["authorization"] == "Bearer t2"
      isGood ? exchange.reply(200, json: resource("x", [1])) : exchange.reply(401)
    }
    defer { server.stop() }
    let clock = FakeClock()
    let client = try storage(server, credentials: Credentials(source, clock.clock), clock: clock)
    #expect(try client.info(path("x")) != nil)
    #expect(server.requests.map { $0.headers["authorization"] } == ["Bearer t1", "Bearer t2"])
    fetched.withLock { $0 = 5 }
    #expect(try client.info(path("x")) != nil)
    let refused = try ScriptedServer { _, _, exchange in exchange.reply(401) }
    defer { refused.stop() }
    let other = try storage(refused, credentials: Credentials(source, clock.clock), clock: clock)
    let error = try #require(failure { try other.info(path("x")) })
    #expect(error.code == .permission)
    #expect(refused.requests.count == 2)
    #expect(!error.description.contains("t6"))
  }

  @Test func `a token endpoint in trouble is asked again`() throws {
    let server = try ScriptedServer { number, _, exchange in
      switch number {
      case 0: exchange.reply(503)
      case 1: exchange.hangUp()
      default: exchange.reply(200, json: Self.token)
      }
    }
    defer { server.stop() }
    try withFolder { folder in
      try write(serviceAccount(server), "\(folder)/key.json")
      let clock = FakeClock()
      let credentials = try credentials(["GOOGLE_APPLICATION_CREDENTIALS": "\(folder)/key.json"], clock)
      #expect(try credentials.token()?.value == "ya29.s3cret")
      #expect(clock.slept == [.seconds(1), .seconds(2)])
    }
  }

  @Test func `an answer that holds no token is refused`() throws {
    let server = try ScriptedServer { number, _, exchange in
      let answers = [
        "", "[]", #"{"access_token":"","expires_in":1}"#, #"{"access_token":"a b","expires_in":1}"#,
        #"{"access_token":"a","expires_in":"1"}"#, #"{"access_token":"a","expires_in":-1}"#,
        #"{"expires_in":1}"#,
      ]
      exchange.reply(200, json: answers[number])
    }
    defer { server.stop() }
    try withFolder { folder in
      try write(serviceAccount(server), "\(folder)/key.json")
      for _ in 0..<7 {
        let credentials = try credentials(["GOOGLE_APPLICATION_CREDENTIALS": "\(folder)/key.json"])
        #expect(failure { try credentials.token() }?.code == .remote)
      }
    }
  }
}
