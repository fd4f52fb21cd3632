import HTTPTypes
import ModelRegistry
import RegistryModel

/// Training in the cloud or here.
enum TrainingRoutes {
  static let all: [Route] = [
    Route(.post, "/api/training/cloud/upload", .scope(.train), body: .document, upload),
    Route(.post, "/api/training/cloud/trigger", .scope(.train), body: .document, trigger),
    Route(.get, "/api/training/cloud/status", .scope(.read), overview),
    Route(.get, "/api/training/cloud/status/{job_id}", .scope(.read), status),
    Route(
      .get, "/api/training/cloud/jobs", .scope(.read), query: ["robot", "status", "limit", "after"], jobs),
    Route(.post, "/api/training/cloud/download/{job_id}", .scope(.train), body: .document, download),
    Route(.post, "/api/training/cloud/cancel/{job_id}", .scope(.train), body: .document, cancel),
    Route(.get, "/api/training/cloud/decision", .scope(.read)) { core, _ in
      .json(try core.training.decision())
    },
  ]

  private static func upload(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let again = try request.reading { try $0.optional("again", .bool) ?? false }
    return core.following(try core.upload(again: again, as: request.caller.name))
  }

  private static func trigger(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let order = try request.reading { body in
      var order = TrainingOrder()
      order.adapter = try body.optional("adapter", .adapter)
      if let base = try body.optional("base", .string) {
        order.base = base == "none" ? .none : .version(try Reference(parsing: base))
      }
      order.archive = try body.optional("archive", .digest)
      order.backend = try body.optional("backend", .backend)
      order.config = try body.optional("config", .object) ?? [:]
      return order
    }
    return .json(try core.trigger(order, as: request.caller.name), .created)
  }

  private static func overview(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    var counts: [String: JSONValue] = [:]
    let newest = try core.training.jobs(JobQuery(limit: 100))["jobs"]?.asArray ?? []
    for status in JobStatus.allCases {
      counts[status.rawValue] = .integer(newest.count { $0["status"]?.asString == status.rawValue })
    }
    return .json([
      "settings": core.training.settings, "newest": .object(counts), "jobs": .array(Array(newest.prefix(10))),
    ])
  }

  private static func status(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    .json(try core.training.status(job(request)))
  }

  private static func jobs(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let query = request.query
    return .json(
      try core.training.jobs(
        JobQuery(
          robot: query.parsed("robot", RobotName.init(parsing:)), status: query.parsed("status", status),
          limit: query.limit(), after: query["after"])))
  }

  private static func download(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let id = try job(request)
    let activates = try request.reading { try $0.optional("activate", .bool) }
    return core.following(try core.download(id, activates: activates, as: request.caller))
  }

  private static func cancel(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let reason = try request.reading { try $0.optional("reason", .string) }
    return .json(try core.cancel(job(request), reason: reason, as: request.caller.name))
  }

  private static func job(_ request: APIRequest) throws(RegistryError) -> JobID {
    try JobID(parsing: request.parameter("job_id"))
  }

  private static func status(_ text: String) throws(RegistryError) -> JobStatus {
    if let status = JobStatus(rawValue: text) { return status }
    throw RegistryError(
      .usage, "\(text.quoted) is no status",
      hint: "one of \(JobStatus.allCases.map(\.rawValue).joined(separator: ", "))")
  }
}
