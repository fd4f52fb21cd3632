import ModelRegistry
import RegistryDocuments
import RegistryModel

/// Tokens, for whoever may make some.
enum TokenPageRoutes {
  static let all: [Route] = [PageRoutes.page("/tokens", scope: .admin, tokens)]

  private static func tokens(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let now = core.now
    let frame = request.frame(core, "Tokens", .tokens)
    let (tokens, problems) = try core.store.reading { registry in
      (try registry.tokens().map { Document.token($0, at: now) }, registry.tokenProblems())
    }
    let page = TokenPage(frame, ["tokens": .array(tokens)], problems: problems, now: now)
    return try PageAnswer.page("tokens", page, request)
  }
}
