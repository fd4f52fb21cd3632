import HTTPTypes
import GoogleCloud
import RegistryModel
import RegistryService

/// Somebody who sends a request to the service, and what the rules say of him.
enum Asker: CustomStringConvertible {
  /// A program on this machine, while no token was ever made.
  case local
  /// The same, when there are tokens.
  case nobody
  /// With a token that was never made, with one that was taken back, or with something that is none.
  case unknownToken, revokedToken, otherScheme
  case token(Set<TokenScope>)
  /// Signed in to the page; whether the request says so.
  case session(Set<TokenScope>, isOwnPage: Bool)
  /// A cookie that no session has.
  case forgedSession
  case owner

  /// The store has no token yet where one of these asks.
  var needsNoTokens: Bool { if case .local = self { true } else { false } }

  static let all: [Asker] =
    [.local, .nobody, .unknownToken, .revokedToken, .otherScheme, .forgedSession, .owner]
    + TokenScope.allCases.flatMap { scope in
      [
        .token([scope]), .session([scope], isOwnPage: false), .session([scope], isOwnPage: true),
      ]
    }
    + [.token([.read, .train]), .token([.operate, .train])]

  enum Verdict: String { case allowed, unauthorised, forbidden }

  /// What is to become of a request, said apart from how the service finds it out.
  func verdict(_ route: Route) -> Verdict {
    switch self {
    case .unknownToken, .revokedToken, .otherScheme: .unauthorised
    case .owner: .allowed
    case .nobody, .forgedSession: route.access == .open ? .allowed : .unauthorised
    case .local: may(route, [.read]) ? .allowed : .forbidden
    case .token(let scopes): may(route, scopes) ? .allowed : .forbidden
    case .session(let scopes, let isOwnPage):
      may(route, scopes) && (isOwnPage || route.method == .get) ? .allowed : .forbidden
    }
  }

  private func may(_ route: Route, _ scopes: Set<TokenScope>) -> Bool {
    let isAdmin = scopes.contains(.admin)
    let looks = isAdmin || !scopes.isEmpty
    switch route.access {
    case .open: return true
    case .scope(.read): return looks
    case .scope(.operate), .runtime: return isAdmin || scopes.contains(.operate)
    case .scope(.train): return isAdmin || scopes.contains(.train)
    case .scope(.admin): return isAdmin
    case .work: return isAdmin || scopes.contains(.operate) || scopes.contains(.train)
    }
  }

  var description: String {
    switch self {
    case .local: "a program on this machine before there are tokens"
    case .nobody: "nobody"
    case .unknownToken: "a token that was never made"
    case .revokedToken: "a token that was taken back"
    case .otherScheme: "another scheme"
    case .forgedSession: "a cookie that no session has"
    case .owner: "the owner at the control socket"
    case .token(let scopes): "a token for \(scopes.words.joined(separator: " and "))"
    case .session(let scopes, let isOwnPage):
      "a session for \(scopes.words.joined(separator: " and "))\(isOwnPage ? "" : " from elsewhere")"
    }
  }
}
