import HTTPTypes
import Foundation
import GoogleCloud
import RegistryModel
import RegistryService
import Testing

/// Every route and everybody who may ask: generated from the routes that there are, so that none is forgotten.
@Suite struct `Who may use the service` {
  /// Each route with a request that is refused as malformed (400), or finds nothing (404), once it is let in: it changes
  /// nothing, whoever asks.
  private static let routes = RouteTable.service.routes.filter { $0.body != .form && $0.isDescribed }

  @Test(arguments: Asker.all) func `is decided for every route`(_ asker: Asker) throws {
    let served = try ServedStore(try CommandStore.ready())
    let way = try Way(asker, served)
    var wrong: [String] = []
    for route in Self.routes {
      let answer = try way.ask(route)
      let found: Asker.Verdict? =
        switch answer.status {
        case 401: .unauthorised
        case 403: .forbidden
        case 400, 404: .allowed
        default: nil
        }
      if found != asker.verdict(route) {
        wrong.append("\(route.method) \(route.path): \(answer.status), not \(asker.verdict(route))")
      }
      if answer.status == 401 { #expect(answer.headers["WWW-Authenticate"]?.hasPrefix("Bearer") == true) }
      #expect(answer.headers["Content-Type"] == "application/problem+json", "\(route.path)")
    }
    #expect(wrong == [])
    #expect(Self.routes.count > 50)
  }

  @Test func `is nobody's with scopes that are not enough, and each scope is enough somewhere`() {
    for scope in TokenScope.allCases {
      let asker = Asker.token([scope])
      #expect(Self.routes.contains { asker.verdict($0) == .allowed })
      #expect(Self.routes.contains { asker.verdict($0) == .forbidden } == (scope != .admin))
    }
  }
}

/// How somebody's requests look.
private struct Way {
  private let served: ServedStore
  private var headers: [String: String] = [:]
  private var isSocket = false

  init(_ asker: Asker, _ served: ServedStore) throws {
    self.served = served
    guard !asker.needsNoTokens else { return }
    let boss = try served.token("boss", "admin")
    func bearer(_ secret: String) -> [String: String] { ["Authorization": "Bearer \(secret)"] }
    switch asker {
    case .local, .nobody: break
    case .unknownToken: headers = bearer(String(boss.dropLast(4)) + "AAAA")
    case .revokedToken:
      headers = bearer(try served.token("gone", "admin"))
      try served.store.ctl("token", "revoke", "gone")
    case .otherScheme: headers = ["Authorization": "Basic Ym9zczpib3Nz"]
    case .forgedSession:
      headers = ["Cookie": "modelctl_session=\(String(repeating: "0", count: 32))", "X-Anti-Forgery": "0"]
    case .owner: isSocket = true
    case .token(let scopes): headers = bearer(try Self.secret(scopes, served))
    case .session(let scopes, let isOwnPage):
      let secret = try Self.secret(scopes, served)
      let answer = try served.ask(.post, "/api/login", ["token": .string(secret)])
      let cookie = try #require(answer.headers["Set-Cookie"]?.split(separator: ";").first)
      headers = ["Cookie": String(cookie)]
      if isOwnPage { headers["X-Anti-Forgery"] = try #require(answer.json?["anti_forgery"]?.asString) }
    }
  }

  private static func secret(_ scopes: Set<TokenScope>, _ served: ServedStore) throws -> String {
    let made = try served.store.run(
      ["token", "create", "asker", "-q"] + scopes.words.flatMap { ["--scope", $0] })
    return made.out.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  func ask(_ route: Route) throws -> ServedStore.Answer {
    let path = route.path.parts.map { part in
      switch part {
      case .text(let text): "/\(text)"
      case .place("ref"), .place("other"): "/robot_001_v999"
      case .place, .rest: "/nobody"
      }
    }.joined()
    let method = try #require(GoogleCloud.HTTPRequest.Method(rawValue: route.method.rawValue))
    switch (method, route.body) {
    case (.delete, _): return try served.ask(method, path, headers: headers, bySocket: isSocket)
    case (_, .document):
      return try served.ask(method, path, ["no field": true], headers: headers, bySocket: isSocket)
    default:
      return try served.ask(method, "\(path)?nothing=1", headers: headers, bySocket: isSocket)
    }
  }
}

extension Route {
  /// Whether it is one of the API; those of the page are for people.
  fileprivate var isDescribed: Bool {
    path.description.hasPrefix("/api/")
      || ["/healthz", "/readyz", "/metrics", "/openapi.yaml"].contains(path.description)
  }
}
