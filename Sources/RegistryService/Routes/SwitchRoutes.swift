import HTTPTypes
import ModelRegistry
import RegistryDocuments
import RegistryModel

/// What runs, and what changes it.
enum SwitchRoutes {
  static let all: [Route] = [
    Route(.get, "/api/active", .scope(.read), query: ["adapter"], isQuick: true, active),
    Route(.get, "/api/active/at/{time}", .scope(.read), query: ["adapter"], activeAt),
    Route(.get, "/api/history", .scope(.read), query: ["adapter", "limit", "after"], history),
    Route(.get, "/api/health", .scope(.read), isUrgent: true, trial),
    Route(.post, "/api/activate", .scope(.operate), body: .document, activate),
    Route(.post, "/api/deactivate", .scope(.operate), body: .document, deactivate),
    Route(.post, "/api/confirm", .runtime, body: .document, confirm),
    Route(.post, "/api/boot", .runtime, body: .document, boot),
    Route(.post, "/api/health", .runtime, body: .document, health),
    Route(.post, "/api/rollback", .runtime, body: .document, rollback),
  ]

  private static func active(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    guard let adapter = try request.query.parsed("adapter", AdapterName.init(parsing:)) else {
      return try core.active.response()
    }
    let state = try core.active.watch.read().state
    return .json(Document.active(state, try shown(adapter, of: state.set)))
  }

  private static func activeAt(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let adapter = try request.query.parsed("adapter", AdapterName.init(parsing:))
    let at = try Timestamp(parsing: request.parameter("time"))
    let entry = try core.store.reading { try $0.switchInForce(at: at) }
    guard let entry, let number = entry.generation else {
      throw RegistryError(.notFound, "nothing was active at \(at)", hint: "see /api/history")
    }
    return .json(
      Document.active(
        entry, generation: number, try shown(adapter, of: entry.set), root: core.store.root))
  }

  private static func shown(_ adapter: AdapterName?, of set: GenerationSet) throws -> GenerationSet {
    guard let adapter else { return set }
    if let member = set[adapter] { return GenerationSet([member]) }
    throw RegistryError(.notFound, "no version of \(adapter) is active", hint: "see /api/active")
  }

  private static func history(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let adapter = try request.query.parsed("adapter", AdapterName.init(parsing:))
    let after = try request.query.place()
    let limit = try request.query.limit()
    let page = try core.store.reading { try $0.history(of: adapter, after: after, limit: limit) }
    return .json([
      "switches": .array(page.items.map(Document.history)), "next": .orNull(page.next.map { "\($0)" }),
    ])
  }

  private static func activate(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (references, options) = try request.reading { (body) -> ([Reference], ActivationOptions) in
      (try body.references(), try Self.options(&body, force: true))
    }
    return try changed(core, request) { try $0.activate(references, options) }
  }

  private static func deactivate(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (adapter, options) = try request.reading { (body) -> (AdapterName, ActivationOptions) in
      (try body.required("adapter", .adapter), try Self.options(&body, force: false))
    }
    return try changed(core, request) { try $0.deactivate(adapter, options) }
  }

  private static func options(
    _ body: inout JSONReader, force: Bool
  ) throws(RegistryError) -> ActivationOptions {
    let attempts = try body.optional("attempts", .integer)
    if let attempts, !(1...1000 ~= attempts) { throw body.problem(with: "attempts", "is not 1 to 1000") }
    return ActivationOptions(
      reason: try body.optional("reason", .string), attempts: attempts.map(Int.init),
      deadlineMilliseconds: try body.milliseconds("deadline_seconds", in: 0.001...1_000_000_000),
      confirmed: try body.optional("confirmed", .bool) ?? false,
      force: force ? try body.optional("force", .bool) ?? false : false,
      expecting: try body.generation("if_generation"))
  }

  private static func rollback(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (to, bad, reason, seen, dryRun) = try request.reading { body in
      (
        try body.generation("to"), try body.optional("bad", .bool) ?? false,
        try body.optional("reason", .string), try body.generation("if_generation"),
        try body.optional("dry_run", .bool) ?? false
      )
    }
    if dryRun {
      let target = try core.store.reading { try $0.rollbackTarget(to: to) }
      return .json(["generation": .integer(target), "dry_run": true])
    }
    return try changed(core, request, isWayBack: true) {
      try $0.rollback(to: to, bad: bad, reason: reason, expecting: seen)
    }
  }

  private static func confirm(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let generation = try request.reading { try $0.generation("generation") }
    let result = try core.store.changing(as: request.caller.name) {
      try $0.confirm(generation: generation)
    }
    core.switched()
    return .json(Document.trial(result, reverted: nil, root: core.store.root))
  }

  private static func boot(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let generation = try request.reading { try $0.generation("generation") }
    let result = try core.store.boot(as: request.caller.name, generation: generation)
    core.switched()
    return .json(Document.boot(result))
  }

  private static func health(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (report, generation, rollback) = try request.reading { (body) -> (HealthReport, Int?, Bool) in
      (
        try Self.report(&body), try body.generation("generation"),
        try body.optional("rollback", .bool) ?? false
      )
    }
    let result = try core.store.changing(as: request.caller.name, isWayBack: true) {
      try $0.health(report, generation: generation, rollback: rollback)
    }
    core.switched()
    let reverted = result.switched ? RevertReason.fault.rawValue : nil
    return .json(Document.trial(result, reverted: reverted, root: core.store.root))
  }

  private static func report(_ body: inout JSONReader) throws(RegistryError) -> HealthReport {
    let isOK = try body.optional("ok", .bool)
    let fault = try body.optional("fault", .string)
    let ticks = try body.optional("ticks_ms", elements: .number)
    switch (isOK, fault, ticks) {
    case (true?, nil, nil): return .ok
    case (nil, let fault?, nil): return .fault(fault)
    case (nil, nil, let ticks?) where !ticks.isEmpty && ticks.allSatisfy({ $0 >= 0 }): return .ticks(ticks)
    default:
      throw RegistryError(
        .usage, "one report is needed", hint: "send one of ok: true, fault: WHY, ticks_ms: [80, 95]")
    }
  }

  private static func trial(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let status = try core.store.reading { try $0.status() }
    guard let active = status.active else {
      throw RegistryError(.notFound, "nothing is active", hint: "activate a version")
    }
    return .json([
      "generation": .integer(active.generation), "state": .string(active.state.rawValue),
      "attempts_left": Document.integer(status.attemptsLeft), "fallback": Document.integer(status.fallback),
      "path": .string(active.path),
    ])
  }

  private static func changed(
    _ core: ServiceCore, _ request: APIRequest, isWayBack: Bool = false,
    _ body: (Registry) throws -> SwitchResult
  ) throws -> APIResponse {
    let result = try core.store.changing(as: request.caller.name, isWayBack: isWayBack, body)
    core.switched()
    return .json(Document.switchResult(result, root: core.store.root))
  }
}
