import RegistryModel

/// Tokens: who may use the service, and for what.
struct TokenPage: Sendable {
  struct Row: Hashable, Sendable {
    let name: String
    let scopes: String
    let badge: Badge
    let created: Moment?
    let by: String
    let ends: String
    let isUsable: Bool
    let isOwn: Bool
  }

  let frame: PageFrame
  let tokens: [Row]
  let problems: [String]
  let hasProblems: Bool
  let scopes: [Scope]

  struct Scope: Hashable, Sendable {
    let name: String
    let meaning: String
  }

  /// - Parameter tokens: `/api/tokens`.
  init(_ frame: PageFrame, _ tokens: JSONValue, problems: [String], now: Timestamp) {
    self.frame = frame
    self.tokens = tokens.list("tokens").map { Row($0, own: frame.account, now: now) }
    self.problems = problems
    hasProblems = !problems.isEmpty
    scopes = TokenScope.allCases.map { Scope(name: $0.rawValue, meaning: Self.meaning($0)) }
  }

  private static func meaning(_ scope: TokenScope) -> String {
    switch scope {
    case .read: "looks at everything"
    case .operate: "changes what runs and what is here"
    case .train: "sends episodes and has versions trained"
    case .admin: "does all of it, and makes tokens"
    }
  }
}

extension TokenPage.Row {
  fileprivate init(_ token: JSONValue, own: String?, now: Timestamp) {
    name = token.text("name") ?? ""
    scopes = token.texts("scopes").joined(separator: ", ")
    let state = token.text("state") ?? ""
    isUsable = state == TokenRecord.State.usable.rawValue
    badge = isUsable ? Badge("usable", .good) : Badge(state, state == "revoked" ? .bad : .warn)
    created = token.moment("created_at", now: now)
    by = token.text("created_by") ?? ""
    isOwn = name == own
    ends =
      if let at = token.moment("revoked_at", now: now) {
        "revoked \(at.text)" + (token.text("revoked_by").map { " by \($0)" } ?? "")
      } else {
        token.moment("expires_at", now: now)?.text ?? "never"
      }
  }
}

/// A token that was just made: the one page that ever has its secret.
struct NewTokenPage: Sendable {
  let frame: PageFrame
  let name: String
  let scopes: String
  let secret: String
}

/// Where one signs in.
struct SignInPage: Sendable {
  let title = "Sign in"
  /// Where one wanted to go.
  let next: String
  let problem: String?
  let version: String
}
