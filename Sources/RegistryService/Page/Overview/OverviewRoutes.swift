import ModelRegistry
import RegistryDocuments
import RegistryModel

/// The first page.
enum OverviewRoutes {
  static let all: [Route] = [PageRoutes.page("/", overview)]

  private static func overview(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let frame = request.frame(core, "Overview", .overview)
    let source = try core.store.reading { registry in
      OverviewPage.Source(
        status: Document.status(try registry.status()),
        switches: (try? registry.history(limit: 50))?.items.map(Document.history) ?? [],
        operations: try core.operations.list(after: nil, limit: 50).items.map(\.document),
        millisecondsLeft: (try? registry.watch())?.millisecondsLeft)
    }
    return try PageAnswer.page(
      "overview", OverviewPage(frame, source, now: core.now), request,
      parts: ["now", "tiles", "problems", "operations", "switches"])
  }
}
