import HTTPTypes
import ModelRegistry
import RegistryModel

/// Signing in and out.
enum SignInRoutes {
  static let all: [Route] = [
    Route(.get, "/login", .open, query: ["next"], show),
    Route(.post, "/login", .open, body: .form, hasSecrets: true, signIn),
    Route(.post, "/logout", .open, body: .form, signOut),
  ]

  private static func show(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let next = LocalPath(request.query["next"]) ?? .root
    if request.session != nil { return .seeOther(next.text) }
    return try page(next, problem: nil, .ok)
  }

  /// A wrong token shows the form again, with where one wanted to go, under the status that the API answers with.
  private static func signIn(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (secret, next) = try Form(request).reading { form in
      (form.optional("token"), LocalPath(form.optional("next")) ?? .root)
    }
    guard let secret else {
      return try page(next, problem: "The token is missing.", .badRequest)
    }
    do {
      let session = try core.signIn(secret)
      return .seeOther(next.text, headers: SessionCookie.set(session, isSecure: core.isSecure))
    } catch let denied as Denied {
      let problem = denied.problem
      var answer = try page(next, problem: "\(problem.detail); \(problem.hint)", problem.status)
      for field in problem.headers { answer.headers[field.name] = field.value }
      return answer
    }
  }

  private static func signOut(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    _ = try request.ownForm { _ in }
    if let session = request.session { core.sessions.end(session.id) }
    return .seeOther("/login", headers: SessionCookie.cleared(isSecure: core.isSecure))
  }

  /// Strangers see it, so it says nothing of the robot.
  private static func page(
    _ next: LocalPath, problem: String?, _ status: HTTPResponse.Status
  ) throws -> APIResponse {
    try PageAnswer.html(
      "sign-in", SignInPage(next: next.text, problem: problem, version: Build.current.version), status)
  }
}
