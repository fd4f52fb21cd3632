package import HTTPTypes
import ModelRegistry
package import RegistryModel

/// Finds out who asks, and whether they may.
package struct Gatekeeper: Sendable {
  /// Where a request came in.
  package enum Entrance: Hashable, Sendable {
    /// An address; whether the other end is on this machine.
    case address(isLoopback: Bool)
    /// The control socket; the process's user.
    case socket(uid: UInt32)
  }

  let tokens: TokenTable
  let sessions: Sessions
  let ownerID: UInt32
  /// Whether a proxy on this machine speaks for others: then nobody is known to be here.
  let isBehindProxy: Bool

  /// - Throws: ``Denied/badToken`` for a token that is not good: it is never taken for nobody's.
  package func caller(
    _ head: HTTPRequest, _ entrance: Entrance, at now: Timestamp
  ) throws -> (Caller, Sessions.Session?) {
    if case .socket(let uid) = entrance {
      let isOwner = uid == ownerID || uid == 0
      return (Caller(.socket(uid: uid, isOwner: isOwner), scopes: isOwner ? [.admin] : [.read]), nil)
    }
    if let text = head.headerFields[.authorization] {
      guard let secret = Self.secret(in: text), let record = try tokens.authenticate(secret, at: now) else {
        throw Denied.badToken
      }
      return (Caller(.token(record.name.text), scopes: record.scopes), nil)
    }
    if let id = Self.cookie(Sessions.cookieName, in: head), let session = sessions.find(id) {
      // What was revoked meanwhile is good no more.
      guard let record = try tokens.usable(session.token.name, at: now), record.hash == session.token.hash
      else {
        sessions.end(id)
        return (.stranger, nil)
      }
      return (Caller(.session(token: record.name.text), scopes: record.scopes), session)
    }
    if case .address(isLoopback: true) = entrance, !isBehindProxy, !Self.isForwarded(head),
      try tokens.isUnused()
    {
      return (.local, nil)
    }
    return (.stranger, nil)
  }

  /// What proxies say for whom they ask (RFC 7239, and what came before it).
  private static func isForwarded(_ head: HTTPRequest) -> Bool {
    head.headerFields.contains { $0.name == .forwarded || $0.name.canonicalName.hasPrefix("x-forwarded-") }
  }

  /// - Throws: ``Denied``, or `permission`.
  package func check(_ caller: Caller, _ access: Access) throws {
    guard !caller.may(access) else { return }
    throw caller.way == .stranger ? Denied.unknown : Denied.scope(access, caller)
  }

  /// A session's cookie is sent by the browser whoever asks: what changes something must say that our page did.
  package static func requireOwnPage(
    _ session: Sessions.Session?, _ method: HTTPRequest.Method, _ headers: HTTPFields, form: String? = nil
  ) throws(RegistryError) {
    guard let session, method != .get, method != .head else { return }
    guard let sent = headers[.antiForgery] ?? form,
      ConstantTime.areEqual(Array(sent.utf8), Array(session.antiForgery.utf8))
    else {
      throw RegistryError(
        .permission, "the request lacks its page's anti-forgery token", hint: "load the page again")
    }
  }

  private static func secret(in authorization: String) -> String? {
    let parts = authorization.split(separator: " ", omittingEmptySubsequences: true)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return String(parts[1])
  }

  /// RFC 6265, section 5.4.
  static func cookie(_ name: String, in head: HTTPRequest) -> String? {
    for field in head.headerFields[fields: .cookie] {
      for pair in field.value.split(separator: ";") {
        let text = pair.drop { $0 == " " }
        if let value = String(text).afterPrefix("\(name)=") { return value }
      }
    }
    return nil
  }
}

/// Why somebody may not.
package enum Denied: Error {
  case unknown
  case badToken
  case tooManyTries
  case scope(Access, Caller)

  package var problem: Problem {
    switch self {
    case .unknown:
      return Problem(
        .unauthorized, .permission, "this needs a token",
        hint: "send Authorization: Bearer TOKEN; `modelctl token create NAME --scope read` makes one",
        headers: [.wwwAuthenticate: "Bearer realm=\"modelctl\""])
    case .badToken:
      return Problem(
        .unauthorized, .permission, "the token is not known, has ended or was revoked",
        hint: "make one on the robot: `modelctl token create NAME --scope read`",
        headers: [.wwwAuthenticate: "Bearer realm=\"modelctl\", error=\"invalid_token\""])
    case .tooManyTries:
      return Problem(
        .tooManyRequests, .busy, "too many tries to sign in", hint: "wait ten seconds, and try again",
        headers: [.retryAfter: "10"])
    case .scope(let access, let caller):
      let needed =
        switch access {
        case .scope(let scope): scope.rawValue
        case .work, .runtime: TokenScope.operate.rawValue
        case .open: "none"
        }
      if caller.way == .local {
        return Problem(
          .forbidden, .permission, "without a token things can only be read here",
          hint: "`modelctl token create NAME --scope \(needed)`, or use the control socket")
      }
      let way = if case .socket = caller.way { "as the store's owner" } else { "with a token of that scope" }
      return Problem(.forbidden, .permission, "this needs the scope \(needed)", hint: "ask again \(way)")
    }
  }
}

/// Comparison that takes as long whatever differs.
package enum ConstantTime {
  package static func areEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
    guard first.count == second.count else { return false }
    var difference: UInt8 = 0
    for (a, b) in zip(first, second) { difference |= a ^ b }
    return difference == 0
  }
}
