import ModelRegistry
import RegistryDocuments
import RegistryModel

/// The history of switches, and the audit.
enum RecordPageRoutes {
  private static let rows = 50

  static let all: [Route] = [
    PageRoutes.page("/history", query: ["adapter", "after"], history),
    PageRoutes.page("/audit", query: ["below", "check"], audit),
  ]

  private static func history(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let adapter = try VersionPageRoutes.adapter(request)
    let after = try request.query.place()
    let frame = request.frame(core, "History", .history)
    let page = try core.store.reading { try $0.history(of: adapter, after: after, limit: rows) }
    let document: JSONValue = [
      "switches": .array(page.items.map(Document.history)), "next": .orNull(page.next.map { "\($0)" }),
    ]
    return try PageAnswer.page(
      "history",
      HistoryPage(
        frame, document, adapter: adapter?.text, isFirst: after == nil, now: core.now), request,
      parts: ["list"])
  }

  private static func audit(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let below = try request.query.integer("below", in: 1...Int64.max)
    let isChecked = try request.query.flag("check")
    let frame = request.frame(core, "Audit", .audit)
    let (records, older, check) = try core.store.reading { registry in
      let page = try registry.newestAudit(below: below, limit: rows)
      let check = isChecked ? Optional(Document.checked(try registry.verifyAudit())) : Optional.none
      return (page.items.map { $0.record.json(digest: $0.digest) }, page.next, check)
    }
    let page = AuditPage(
      frame, records, older: older, isFirst: below == nil, check: check, now: core.now)
    return try PageAnswer.page("audit", page, request)
  }
}
