import HTTPTypes
import ModelRegistry
import RegistryModel

/// Makes tokens, and takes them back.
enum TokenActions {
  static let all: [Route] = [
    Route(.post, "/actions/token-create", .scope(.admin), body: .form, hasSecrets: true, create),
    Route(.post, "/actions/token-revoke", .scope(.admin), body: .form, revoke),
  ]

  /// The one page that ever has the secret; loading it again makes no second token, as a name never comes again.
  private static func create(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (name, scopes, lifetime) = try request.ownForm { form in
      let name = try form.required("name", TokenName.init(parsing:))
      var scopes: Set<TokenScope> = []
      for scope in TokenScope.allCases where try form.flag("scope_\(scope.rawValue)") { scopes.insert(scope) }
      return (name, scopes, try form.optional("expires_in", DurationText.init(parsing:)))
    }
    guard !scopes.isEmpty else {
      throw RegistryError(.usage, "the token \(name) would be for nothing", hint: "tick what it may")
    }
    let end = lifetime.map { Timestamp(milliseconds: core.now.milliseconds + $0.milliseconds) }
    let frame = request.frame(core, "New token", .tokens)
    let token = try core.store.changing(as: request.caller.name) {
      try $0.createToken(name, scopes: scopes, expiresAt: end)
    }
    let page = NewTokenPage(
      frame: frame, name: name.text, scopes: scopes.map(\.rawValue).sorted().joined(separator: ", "),
      secret: token.secret)
    return try PageAnswer.html("token-new", page, .created)
  }

  private static func revoke(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let name = try request.ownForm { try $0.required("name", TokenName.init(parsing:)) }
    _ = try core.store.changing(as: request.caller.name, isWayBack: true) { try $0.revokeToken(name) }
    return PageAnswer.seeOther("/tokens", .revoked)
  }
}
