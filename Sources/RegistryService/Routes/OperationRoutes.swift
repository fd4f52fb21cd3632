import HTTPTypes
import RegistryModel

/// Long work that is under way, and what happens.
enum OperationRoutes {
  static let all: [Route] = [
    Route(.get, "/api/operations", .scope(.read), query: ["limit", "after"], list),
    Route(.get, "/api/operations/{id}", .scope(.read), isQuick: true, show),
    Route(.post, "/api/operations/{id}/cancel", .work, body: .document, cancel),
    Route(.get, "/api/events", .scope(.read), isQuick: true) { core, _ in
      APIResponse(body: .events(try core.events.listen()))
    },
  ]

  private static func list(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let page = try core.operations.list(after: request.query["after"], limit: try request.query.limit())
    return .json(["operations": .array(page.items.map(\.document)), "next": .orNull(page.next)])
  }

  private static func show(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    .json(try core.operations.find(request.parameter("id")).document)
  }

  private static func cancel(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    try request.reading { _ in }
    return core.following(try core.cancel(request.parameter("id"), as: request.caller))
  }
}

extension ServiceCore {
  /// Begins long work: 202, with where to follow it.
  func accepted(
    _ kind: String, _ subject: [String], _ caller: String, _ work: @escaping Operations.Work
  ) throws -> APIResponse {
    following(try operations.start(kind, subject: subject, as: caller, work))
  }

  func following(_ operation: LongOperation) -> APIResponse {
    var headers = HTTPFields()
    headers[.location] = "/api/operations/\(operation.id)"
    return .json(operation.document, .accepted, headers: headers)
  }
}
