import HTTPTypes
import ModelRegistry
import RegistryDocuments
import RegistryModel

/// The store as a whole: what it is like, checks, collection, sharing, and the record.
enum MaintenanceRoutes {
  static let all: [Route] = [
    Route(.get, "/api/status", .scope(.read), status),
    Route(.post, "/api/verify", .scope(.operate), body: .document, verify),
    Route(.post, "/api/gc", .scope(.operate), body: .document, collect),
    Route(.post, "/api/sync", .scope(.operate), body: .document, sync),
    Route(.post, "/api/push", .scope(.operate), body: .document, push),
    Route(.get, "/api/remote", .scope(.read), remote),
    Route(.get, "/api/audit", .scope(.read), query: ["since", "limit", "after"], audit),
    Route(.get, "/api/audit/verify", .scope(.read), verifyAudit),
    Route(.get, "/api/schedule", .scope(.read), schedule),
    Route(.post, "/api/schedule/{name}/run", .scope(.operate), body: .document, runScheduled),
  ]

  private static func status(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    .json(Document.status(try core.store.reading { try $0.status() }))
  }

  private static func verify(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (reference, full, repair) = try request.reading { body in
      (
        try body.optional("reference", .reference), try body.optional("full", .bool) ?? false,
        try body.optional("repair", .bool) ?? false
      )
    }
    let caller = request.caller.name
    return try core.accepted("verify", reference.map { [$0.description] } ?? [], caller) { progress in
      try core.store.changing(as: caller) { registry in
        Document.verified(
          try registry.verify(reference, full: full, repair: repair, progress: { try progress($0, $1) }))
      }
    }
  }

  private static func collect(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (policy, dryRun) = try request.reading { body in
      let keep = try body.optional("keep", .integer)
      if let keep, !(0...1_000_000 ~= keep) { throw body.problem(with: "keep", "is not 0 to 1000000") }
      return (
        CollectionPolicy(
          keep: keep.map(Int.init),
          olderThanMilliseconds: try body.milliseconds(
            "older_than_seconds", in: 0...DurationText.maximumSeconds)),
        try body.optional("dry_run", .bool) ?? false
      )
    }
    let caller = request.caller.name
    return try core.accepted("gc", [], caller) { _ in
      try core.store.changing(as: caller) {
        Document.collected(try $0.collect(policy, dryRun: dryRun), dryRun: dryRun)
      }
    }
  }

  private static func sync(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let full = try request.reading { try $0.optional("full", .bool) ?? false }
    let caller = request.caller.name
    return try core.accepted("sync", [], caller) { progress in
      try core.store.changing(as: caller) {
        Document.synced(try $0.sync(full: full, progress: { try progress($0, $1) }))
      }
    }
  }

  private static func push(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (references, plain) = try request.reading { body in
      (try body.references(), try body.optional("plain", .bool) ?? false)
    }
    let caller = request.caller.name
    return try core.accepted("push", references.map(\.description), caller) { progress in
      try core.store.changing(as: caller) { registry in
        var result = SyncResult()
        for reference in references {
          try progress.check()
          result.add(try registry.push(reference, plain: plain, progress: { try progress($0, $1) }))
        }
        return Document.synced(result)
      }
    }
  }

  private static func remote(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    .json(Document.remote(try core.store.reading { try $0.remote() }))
  }

  private static func audit(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let since = try request.query.parsed("since", Timestamp.init(parsing:))
    let after = try request.query.place() ?? 0
    let limit = try request.query.limit()
    let page = try core.store.reading { try $0.audit(after: after, since: since, limit: limit) }
    return .json([
      "records": .array(page.items.map { $0.record.json(digest: $0.digest) }),
      "next": .orNull(page.next.map { "\($0)" }),
    ])
  }

  private static func verifyAudit(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    .json(Document.checked(try core.store.reading { try $0.verifyAudit() }))
  }

  private static func schedule(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    .json(["jobs": core.schedule.document])
  }

  private static func runScheduled(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    try request.reading { _ in }
    let operation = try core.schedule.run(request.parameter("name"), as: request.caller.name)
    return core.following(operation)
  }
}
