package import HTTPTypes
import ModelRegistry
import RegistryDocuments
import RegistryModel

/// Tokens, and signing in with one.
enum TokenRoutes {
  static let all: [Route] = [
    Route(.get, "/api/tokens", .scope(.admin), query: ["limit", "after"], list),
    Route(.post, "/api/tokens", .scope(.admin), body: .document, hasSecrets: true, create),
    Route(.delete, "/api/tokens/{name}", .scope(.admin), revoke),
    Route(.post, "/api/login", .open, body: .document, hasSecrets: true, signIn),
    Route(.post, "/api/logout", .open, body: .document, hasSecrets: true, signOut),
  ]

  private static func list(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let after = try request.query.parsed("after", TokenName.init(parsing:))
    let limit = try request.query.limit()
    let tokens = try core.store.reading { try $0.tokens() }
    let rest = tokens.filter { token in after.map { $0 < token.name } ?? true }
    let page = ListPage(of: rest, limit: limit, cursor: \.name.text)
    let now = core.now
    return .json([
      "tokens": .array(page.items.map { Document.token($0, at: now) }), "next": .orNull(page.next),
    ])
  }

  /// The only answer that ever has the secret.
  private static func create(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (name, scopes, lifetime) = try request.reading { body in
      let names = try body.required("scopes", elements: .string)
      guard 1...100 ~= names.count else { throw body.problem(with: "scopes", "has not 1 to 100 elements") }
      return (
        try body.required("name", .parsed(TokenName.init(parsing:))),
        Set(try names.map { (text) throws(RegistryError) in try TokenScope(parsing: text) }),
        try body.milliseconds("expires_in_seconds", in: 1...DurationText.maximumSeconds)
      )
    }
    let end = lifetime.map { Timestamp(milliseconds: core.now.milliseconds + $0) }
    let token = try core.store.changing(as: request.caller.name) {
      try $0.createToken(name, scopes: scopes, expiresAt: end)
    }
    return .json(Document.token(token), .created)
  }

  private static func revoke(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let name = try TokenName(parsing: request.parameter("name"))
    let record = try core.store.changing(as: request.caller.name, isWayBack: true) {
      try $0.revokeToken(name)
    }
    return .json(Document.token(record, at: core.now))
  }

  private static func signIn(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let secret = try request.reading { try $0.required("token", .string) }
    let session = try core.signIn(secret)
    return .json(
      [
        "name": .string(session.token.name.text), "anti_forgery": .string(session.antiForgery),
        "scopes": .array(session.token.scopes.map(\.rawValue).sorted().map(JSONValue.string)),
      ], headers: SessionCookie.set(session, isSecure: core.isSecure))
  }

  private static func signOut(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    try request.reading { _ in }
    if let session = request.session { core.sessions.end(session.id) }
    return APIResponse(.noContent, headers: SessionCookie.cleared(isSecure: core.isSecure))
  }
}

extension ServiceCore {
  /// - Throws: ``Denied/badToken`` for a secret that is not good, ``Denied/tooManyTries`` after too many of them.
  package func signIn(_ secret: String) throws -> Sessions.Session {
    guard let token = try tokens.authenticate(secret, at: now) else {
      throw signInLimit.take(at: now) ? Denied.badToken : Denied.tooManyTries
    }
    return sessions.begin(token)
  }
}

/// The cookie that says who is signed in.
package enum SessionCookie {
  package static func set(_ session: Sessions.Session, isSecure: Bool) -> HTTPFields {
    header("\(session.id); Max-Age=\(Sessions.lifetimeMilliseconds / 1000)", isSecure)
  }

  package static func cleared(isSecure: Bool) -> HTTPFields { header("; Max-Age=0", isSecure) }

  private static func header(_ value: String, _ isSecure: Bool) -> HTTPFields {
    var headers = HTTPFields()
    headers[.setCookie] =
      "\(Sessions.cookieName)=\(value); Path=/; HttpOnly; SameSite=Strict\(isSecure ? "; Secure" : "")"
    return headers
  }
}
