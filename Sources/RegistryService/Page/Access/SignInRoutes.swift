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
    return try page(core, next, problem: nil, .ok)
  }

  /// A wrong token shows the form again, with where one wanted to go.
  private static func signIn(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (secret, next) = try Form(request).reading { form in
      (form.optional("token"), LocalPath(form.optional("next")) ?? .root)
    }
    guard let secret else {
      return try page(core, next, problem: "The token is missing.", .badRequest)
    }
    do {
      let session = try core.signIn(secret)
      return .seeOther(next.text, headers: SessionCookie.set(session, isSecure: core.isSecure))
    } catch let error as RegistryError where error.code == .permission || error.code == .busy {
      let problem = Problem(error)
      return try page(core, next, problem: "\(error.message); \(error.hint)", problem.status)
    }
  }

  private static func signOut(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    _ = try request.ownForm { _ in }
    if let session = request.session { core.sessions.end(session.id) }
    return .seeOther("/login", headers: SessionCookie.cleared(isSecure: core.isSecure))
  }

  private static func page(
    _ core: ServiceCore, _ next: LocalPath, problem: String?, _ status: HTTPResponse.Status
  ) throws -> APIResponse {
    let robot = try core.store.reading { $0.robot.text }
    return try PageAnswer.html(
      "sign-in",
      SignInPage(robot: robot, next: next.text, problem: problem, version: Build.current.version), status)
  }
}
