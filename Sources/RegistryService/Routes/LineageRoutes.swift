import HTTPTypes
import ModelRegistry
import RegistryDocuments
import RegistryModel

/// Where something comes from, and what came of it.
enum LineageRoutes {
  static let all: [Route] = [
    Route(
      .get, "/api/lineage", .scope(.read),
      query: ["subject", "up", "down", "depth", "episodes", "limit", "format"]
    ) { core, request in
      try answer(core, request, of: subject(request))
    },
    Route(.get, "/api/impact", .scope(.read), query: ["subject", "limit", "after"], impact),
  ]

  static func answer(
    _ core: ServiceCore, _ request: APIRequest, of subject: String
  ) throws -> APIResponse {
    let up = try request.query.flag("up")
    let down = try request.query.flag("down")
    let depth = try request.query.integer("depth", in: 0...100_000)
    let limit = try request.query.integer("limit", in: 1...10_000) ?? 1_000
    let scope = LineageScope(
      up: up || !down, down: down || !up, depth: depth.map(Int.init),
      showsEpisodes: try request.query.flag("episodes"), limit: Int(limit))
    let format = request.query["format"] ?? "json"
    let graph = try core.store.reading { try $0.lineage(of: subject, scope) }
    switch format {
    case "json":
      var document = graph.json.asObject ?? [:]
      document["cut"] = .bool(graph.isCut)
      document["warnings"] = .array(graph.warnings.map(JSONValue.string))
      return .json(.object(document))
    case "dot": return .text(graph.dot, type: "text/vnd.graphviz; charset=utf-8")
    default:
      throw RegistryError(.usage, "the parameter format has \(format.quoted)", hint: "json or dot")
    }
  }

  private static func subject(_ request: APIRequest) throws(RegistryError) -> String {
    if let subject = request.query["subject"], !subject.isEmpty { return subject }
    throw RegistryError(
      .usage, "no subject is named", hint: "?subject= a version, job, archive or episode")
  }

  private static func impact(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let subject = try subject(request)
    let after = try request.query.parsed("after", VersionID.init(parsing:))
    let limit = try request.query.limit()
    let page = try asked {
      try core.store.reading { try $0.impact(of: subject, after: after, limit: limit) }
    }
    return .json(Document.impact(page))
  }
}
