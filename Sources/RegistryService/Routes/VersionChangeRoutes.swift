import HTTPTypes
import ModelRegistry
import RegistryDocuments
import RegistryModel

/// What makes, brings and removes versions, and what is said of them.
enum VersionChangeRoutes {
  static let all: [Route] = [
    Route(.post, "/api/install", .scope(.operate), body: .document, install),
    Route(.post, "/api/uninstall", .scope(.operate), body: .document, uninstall),
    Route(.get, "/api/pins", .scope(.read), query: ["limit", "after"], pins),
    Route(.post, "/api/pins", .scope(.operate), body: .document, pin),
    Route(.delete, "/api/pins/{ref}", .scope(.operate), unpin),
    Route(.post, "/api/evaluations", .work, body: .document, evaluate),
    Route(.get, "/api/channels", .scope(.read), query: ["adapter", "limit", "after"], channels),
    Route(.post, "/api/channels", .scope(.operate), body: .document, setChannel),
    Route(
      .get, "/api/channels/{channel}/history", .scope(.read), query: ["limit", "after"], channelHistory),
  ]

  private static func install(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let references = try request.reading { try $0.references() }
    return core.following(try core.install(references, as: request.caller.name))
  }

  private static func uninstall(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (reference, dryRun) = try request.reading { body in
      (try body.required("reference", .reference), try body.optional("dry_run", .bool) ?? false)
    }
    let result = try core.store.changing(as: request.caller.name) {
      try $0.uninstall(reference, dryRun: dryRun)
    }
    return .json(Document.uninstalled(result, dryRun: dryRun))
  }

  private static func pins(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let after = try request.query.parsed("after", VersionID.init(parsing:))
    let limit = try request.query.limit()
    let pins = try core.store.reading { try $0.pins() }.sorted()
    let rest = pins.filter { pin in after.map { $0 < pin } ?? true }
    let page = ListPage(of: rest, limit: limit, cursor: \.description)
    return .json([
      "pins": .array(page.items.map { .string($0.description) }), "next": .orNull(page.next),
    ])
  }

  private static func pin(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let reference = try request.reading { try $0.required("reference", .reference) }
    let version = try core.store.changing(as: request.caller.name) { try $0.pin(reference) }
    return .json(["version": .string(version.description), "pinned": true])
  }

  private static func unpin(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let reference = try request.reference()
    let version = try core.store.changing(as: request.caller.name) { try $0.unpin(reference) }
    return .json(["version": .string(version.description), "pinned": false])
  }

  /// The result's own bytes are kept: they are what the field holds, in canonical form.
  private static func evaluate(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (reference, result, by) = try request.reading { body in
      (
        try body.required("reference", .reference), try body.required("result", .object),
        try body.optional("by", .string)
      )
    }
    let outcome = try core.store.changing(as: request.caller.name) {
      try $0.evaluate(reference, document: JSONValue.object(result).canonicalBytes, by: by)
    }
    return .json(Document.evaluated(outcome), outcome.existing ? .ok : .created)
  }

  private static func channels(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let adapter = try request.query.parsed("adapter", AdapterName.init(parsing:))
    let after = try request.query.parsed("after", channel)
    let limit = try request.query.limit()
    let page = try core.store.reading { try $0.channels(of: adapter, after: after, limit: limit) }
    return .json(["channels": .array(page.items.map(Document.channel)), "next": .orNull(page.next)])
  }

  private static func setChannel(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (name, reference, reason) = try request.reading { body in
      (
        try body.required("name", .parsed(ChannelName.init(parsing:))),
        try body.required("reference", .reference), try body.optional("reason", .string)
      )
    }
    let result = try core.store.changing(as: request.caller.name) {
      try $0.setChannel(name, to: reference, reason: reason)
    }
    core.events.send("channel", Document.channel(result.setting))
    return .json(["channels": .array([Document.channel(result.setting)]), "next": .null])
  }

  private static func channelHistory(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (adapter, name) = try channel(request.parameter("channel"))
    let after = try request.query.place()
    let limit = try request.query.limit()
    let page = try core.store.reading {
      try $0.history(of: adapter, channel: name, after: after, limit: limit)
    }
    return .json([
      "channels": .array(page.items.map(Document.channel)), "next": .orNull(page.next.map { "\($0)" }),
    ])
  }

  /// `robot_001@stable` as adapter and name.
  private static func channel(
    _ text: String
  ) throws(RegistryError) -> (adapter: AdapterName, name: ChannelName) {
    guard case .channel(let adapter, let name)? = try? Reference(parsing: text) else {
      throw RegistryError(.usage, "\(text.quoted) names no channel", hint: "write it like robot_001@stable")
    }
    return (adapter, name)
  }
}
