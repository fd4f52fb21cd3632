import ModelRegistry
import RegistryDocuments
import RegistryModel

/// Versions: lists of them, one of them, and how two differ.
enum VersionPageRoutes {
  /// What a page lists: each row reads a manifest.
  private static let rows = 25

  static let all: [Route] = [
    PageRoutes.page("/versions", query: ["adapter", "after"], list),
    PageRoutes.page("/versions/{ref}", version),
    PageRoutes.page("/versions/{ref}/diff/{other}", diff),
    PageRoutes.page("/compare", query: ["from", "to"], compare),
  ]

  private static func list(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let adapter = try adapter(request)
    let after = try request.query.parsed("after", VersionID.init(parsing:))
    let frame = request.frame(core, "Versions", .versions)
    let list = try core.store.reading { registry -> JSONValue in
      let page = try registry.versions(of: adapter, after: after, limit: rows)
      let versions = page.items.map { summary -> JSONValue in
        var fields = Document.version(summary).asObject ?? [:]
        if let metrics = try? registry.show(.version(summary.version)).1.metrics {
          fields["metrics"] = .object(metrics.mapValues(JSONValue.number))
        }
        return .object(fields)
      }
      return ["versions": .array(versions), "next": .orNull(page.next?.description)]
    }
    return try PageAnswer.page(
      "versions",
      VersionListPage(
        frame, list, adapter: adapter?.text, isFirst: after == nil, onTrial: core.isOnTrial, now: core.now),
      request, parts: ["list"])
  }

  private static func version(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let reference = try request.reference()
    var frame = request.frame(core, reference.description, .versions)
    let onTrial = core.isOnTrial
    let source = try core.store.reading { registry -> VersionPage.Source in
      let (summary, manifest) = try registry.show(reference)
      let version = Reference.version(summary.version)
      var source = VersionPage.Source(
        version: Document.shown(summary, manifest, []),
        active: core.activeVersion(of: summary.version.adapter), onTrial: onTrial)
      // What can be done is asked for again and again; it doesn't say what is in the files.
      guard request.query["part"] == nil else { return source }
      source.version = Document.shown(summary, manifest, try registry.insight(of: version).files)
      source.evaluations = try registry.evaluations(of: version).map { record -> JSONValue in
        var fields = Document.evaluation(record).asObject ?? [:]
        fields["document"] = try? registry.document(of: record)
        return .object(fields)
      }
      return source
    }
    if let name = source.version.text("version") { frame.title = name }
    return try PageAnswer.page(
      "version", VersionPage(frame, source, now: core.now), request, parts: ["actions"])
  }

  private static func diff(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let from = try request.reference()
    let to = try Reference(parsing: request.parameter("other"))
    let frame = request.frame(core, "\(from) and \(to)", .versions)
    let diff = Document.diff(try core.store.reading { try $0.diff(from, to) })
    return try PageAnswer.page("diff", DiffPage(frame, diff), request)
  }

  /// Where a form that names both versions leads: the page that has their names in its path.
  private static func compare(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    guard let from = request.query["from"]?.trimmed, let to = request.query["to"]?.trimmed else {
      throw RegistryError(.usage, "two versions are needed", hint: "say which with from and to")
    }
    return .seeOther(
      PagePath.diff(try Reference(parsing: from).description, try Reference(parsing: to).description))
  }

  /// An empty field asks for all.
  static func adapter(_ request: APIRequest) throws -> AdapterName? {
    guard let text = request.query["adapter"]?.trimmed, !text.isEmpty else { return nil }
    return try AdapterName(parsing: text)
  }
}

extension ServiceCore {
  var isOnTrial: Bool { (try? active.watch.read().state.state) == .trial }

  func activeVersion(of adapter: AdapterName) -> String? {
    (try? active.watch.read().state.set[adapter])?.version.description
  }
}
