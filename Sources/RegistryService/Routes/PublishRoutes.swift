import HTTPTypes
import ModelRegistry
import RegistryDocuments
import RegistryModel

/// Makes versions: of an archive that is sent, of another version, or of files on this machine.
enum PublishRoutes {
  static let all: [Route] = [
    Route(.post, "/api/publish", .work, body: .document, publish),
    Route(
      .post, "/api/publish/archive", .work,
      query: [
        "adapter", "version", "base", "job", "archives", "metrics", "framework", "model_type", "requires",
        "created_at", "note", "channel",
      ], body: .archive, unpack),
  ]

  private typealias Work =
    @Sendable (Registry, Operations.Progress) throws(RegistryError) -> PublishResult

  private static func publish(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    var again: (from: Reference, number: Int?)?
    var asked: PublishRequest?
    let channel = try request.reading { body in
      if let from = try body.optional("from", .reference) {
        again = (from, try body.versionNumber())
      } else {
        asked = try files(&body)
      }
      return try body.optional("channel", .parsed(ChannelName.init(parsing:)))
    }
    if let (from, number) = again {
      return try accept(from.description, channel, core, request) { registry, _ throws(RegistryError) in
        try registry.republish(from, number: number)
      }
    }
    guard var asked else { throw RegistryError(.usage, "nothing to publish is named", hint: "send paths") }
    // Files on this machine may be anything that the service can read, so only an administrator names them.
    guard request.caller.may(.scope(.admin)) else { throw Denied.scope(.scope(.admin), request.caller) }
    try check(asked)
    asked.paths = try asked.paths.map { try outsideStore($0, core.store.root) }
    return try accept(asked.adapter.text, channel, core, request) {
      [asked] registry, progress throws(RegistryError) in
      try registry.publish(asked, progress: { try progress($0, $1) })
    }
  }

  private static func files(_ body: inout JSONReader) throws(RegistryError) -> PublishRequest {
    var asked = PublishRequest(
      adapter: try body.required("adapter", .adapter), paths: try body.required("paths", elements: .string))
    guard 1...100 ~= asked.paths.count else { throw body.problem(with: "paths", "has not 1 to 100 elements") }
    asked.number = try body.versionNumber()
    asked.base = try body.optional("base", .reference)
    asked.job = try body.optional("job", .string).map(job)
    asked.archives = try body.optional("archives", elements: .digest)?.map(\.description) ?? []
    for (name, value) in try body.optional("metrics", .object) ?? [:] {
      guard let number = value.asDouble else { throw body.problem(with: "metrics.\(name)", "is no number") }
      asked.metrics[name] = number
    }
    asked.framework = try body.optional("framework", .string) ?? asked.framework
    asked.modelType = try body.optional("model_type", .string) ?? asked.modelType
    asked.requires = try body.optional("requires", elements: .parsed(Requirement.init(parsing:))) ?? []
    asked.createdAt = try body.optional("created_at", .timestamp)
    asked.note = try body.optional("note", .string)
    return asked
  }

  /// What an archive holds; what is said of it stands in the query.
  private static func unpack(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    guard case .file(let archive) = request.body else {
      throw RegistryError(.usage, "no archive came", hint: "send one as the body")
    }
    let asked = try PublishRequest(request.query)
    try check(asked)
    let channel = try request.query.parsed("channel", ChannelName.init(parsing:))
    return try accept(asked.adapter.text, channel, core, request) {
      registry, progress throws(RegistryError) in
      defer { withExtendedLifetime(archive) {} }
      return try registry.publish(asked, contentsOf: archive.path, progress: { try progress($0, $1) })
    }
  }

  private static func accept(
    _ subject: String, _ channel: ChannelName?, _ core: ServiceCore, _ request: APIRequest,
    _ work: @escaping Work
  ) throws -> APIResponse {
    guard channel == nil || request.caller.may(.scope(.operate)) else {
      throw Denied.scope(.scope(.operate), request.caller)
    }
    let caller = request.caller.name
    return try core.accepted("publish", [subject], caller) { progress in
      let clock = ContinuousClock()
      let began = clock.now
      return try core.store.changing(as: caller) { registry in
        let result = try work(registry, progress)
        if let channel { try registry.setChannel(channel, to: .version(result.version)) }
        return Document.published(result, seconds: (clock.now - began) / .seconds(1))
      }
    }
  }

  static func job(_ id: String) -> Manifest.JobReference {
    Manifest.JobReference(id: id, configDigest: nil, imageDigest: nil, codeVersion: nil, seed: nil)
  }

  /// What the manifest would refuse when all bytes have been read is refused at once.
  private static func check(_ asked: PublishRequest) throws(RegistryError) {
    do {
      for (field, text) in [("framework", asked.framework), ("model_type", asked.modelType)] {
        try Manifest.Rules.check(text: text, field: field, maximumBytes: Manifest.Limits.labelBytes)
      }
      try Manifest.Rules.check(job: asked.job)
      try Manifest.Rules.check(metrics: asked.metrics)
      try Manifest.Rules.check(requires: asked.requires)
      try Manifest.Rules.check(note: asked.note)
    } catch {
      throw RegistryError(.usage, error.message, hint: "correct the request")
    }
  }

  /// The store's own secrets are no model.
  private static func outsideStore(_ path: String, _ root: String) throws(RegistryError) -> String {
    guard path.hasPrefix("/"), !path.utf8.contains(0), !path.split(separator: "/").contains("..") else {
      throw RegistryError(.usage, "\(path.quoted) is no absolute path", hint: "write it from / on")
    }
    guard !RealPath.isWithin(path, root), !RealPath.isWithin(root, path) else {
      throw RegistryError(.refused, "\(path.quoted) is part of the store", hint: "name files outside it")
    }
    return path
  }
}

extension JSONReader {
  fileprivate mutating func versionNumber() throws(RegistryError) -> Int? {
    guard let number = try optional("version", .integer) else { return nil }
    guard VersionID.numbers ~= Int(number) else {
      throw problem(with: "version", "is \(number), and not 1 to \(VersionID.numbers.upperBound)")
    }
    return Int(number)
  }
}
