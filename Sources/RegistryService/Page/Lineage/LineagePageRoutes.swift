import ModelRegistry
import RegistryDocuments
import RegistryModel

/// The lineage graph.
enum LineagePageRoutes {
  /// The most nodes that are looked at; the nearest of them are drawn.
  private static let nodes = 600

  static let all: [Route] = [
    PageRoutes.page("/lineage", query: ["subject", "depth", "episodes"], lineage)
  ]

  private static func lineage(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    var frame = request.frame(core, "Lineage", .lineage)
    guard let subject = request.query["subject"]?.trimmed, !subject.isEmpty else {
      let active = (try? core.active.watch.read().state).map { Document.active($0) } ?? .null
      return try PageAnswer.page("lineage-start", LineageStartPage(frame, active: active), request)
    }
    let range = Int64(LineagePage.depths.lowerBound)...Int64(LineagePage.depths.upperBound)
    let depth = Int(try request.query.integer("depth", in: range) ?? Int64(LineagePage.standardDepth))
    let episodes = try request.query.flag("episodes")
    let scope = LineageScope(depth: depth, showsEpisodes: episodes, limit: nodes)
    let graph = try core.store.reading { try $0.lineage(of: subject, scope) }
    frame.title = "Lineage of \(Shown.digest(graph.subject.id))"
    return try PageAnswer.page(
      "lineage", LineagePage(frame, graph, subject: subject, depth: depth, showsEpisodes: episodes), request)
  }
}
