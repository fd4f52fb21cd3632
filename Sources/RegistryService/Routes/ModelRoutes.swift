import HTTPTypes
import ModelRegistry
import RegistryDocuments
import RegistryModel

/// Versions: lists, one of them, its files and their bytes, where it comes from, how it differs.
enum ModelRoutes {
  static let all: [Route] = [
    Route(.get, "/api/models", .scope(.read), query: ["adapter", "limit", "after"], list),
    Route(.get, "/api/models/{ref}", .scope(.read), show),
    Route(.get, "/api/models/{ref}/manifest", .scope(.read), manifest),
    Route(.get, "/api/models/{ref}/files", .scope(.read), query: ["limit", "after"], files),
    Route(.get, "/api/models/{ref}/files/{path...}", .scope(.read), bytes),
    Route(
      .get, "/api/models/{ref}/lineage", .scope(.read),
      query: ["up", "down", "depth", "episodes", "limit", "format"]
    ) { core, request in
      try LineageRoutes.answer(core, request, of: request.reference().description)
    },
    Route(.get, "/api/models/{ref}/diff/{other}", .scope(.read), diff),
    Route(.get, "/api/models/{ref}/evaluations", .scope(.read), query: ["limit", "after"], evaluations),
  ]

  private static func list(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let adapter = try request.query.parsed("adapter", AdapterName.init(parsing:))
    let after = try request.query.parsed("after", VersionID.init(parsing:))
    let limit = try request.query.limit()
    let page = try core.store.reading { try $0.versions(of: adapter, after: after, limit: limit) }
    return .json([
      "versions": .array(page.items.map(Document.version)), "next": .orNull(page.next?.description),
    ])
  }

  private static func show(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let reference = try request.reference()
    return .json(
      try core.store.reading { registry in
        let (summary, manifest) = try registry.show(reference)
        let files = try registry.insight(of: .version(summary.version)).files
        return Document.shown(summary, manifest, files)
      })
  }

  /// The manifest's own bytes, whose SHA-256 is the version's digest.
  private static func manifest(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let reference = try request.reference()
    let manifest = try core.store.reading { try $0.show(reference).1 }
    return try Immutable.answer(
      request, digest: Digest.sha256(of: manifest.canonicalBytes),
      body: .bytes(manifest.canonicalBytes, type: "application/json"))
  }

  private static func files(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let reference = try request.reference()
    let after = try request.query.parsed("after", path)
    let limit = try request.query.limit()
    let (version, files) = try core.store.reading { try $0.files(of: reference) }
    let rest = after.map { after in files.filter { $0.path > after } } ?? files
    let page = ListPage(of: rest, limit: limit, cursor: \.path.text)
    return .json([
      "version": .string(version.description), "files": .array(page.items.map(Document.file)),
      "next": .orNull(page.next),
    ])
  }

  private static func bytes(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let reference = try request.reference()
    let path = try Self.path(request.parameter("path"))
    let blob = try core.store.reading { try $0.openFile(path, of: reference, core.verified) }
    return try Immutable.answer(request, digest: blob.digest, file: SentBlob(blob: blob))
  }

  /// What is wrong with a path that somebody asks for is no damage.
  private static func path(_ text: String) throws(RegistryError) -> RelativePath {
    do {
      return try RelativePath(parsing: text)
    } catch {
      throw RegistryError(.usage, error.message, hint: error.hint)
    }
  }

  private static func diff(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let from = try request.reference()
    let to = try Reference(parsing: request.parameter("other"))
    return .json(Document.diff(try core.store.reading { try $0.diff(from, to) }))
  }

  private static func evaluations(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let reference = try request.reference()
    let after = try request.query.parsed("after", Digest.init(parsing:))
    let limit = try request.query.limit()
    let all = try core.store.reading { try $0.evaluations(of: reference) }[...]
    let rest = after.map { after in all.drop { $0.digest != after }.dropFirst() } ?? all
    let page = ListPage(of: Array(rest), limit: limit, cursor: \.digest.description)
    return .json([
      "evaluations": .array(page.items.map(Document.evaluation)), "next": .orNull(page.next),
    ])
  }
}

/// A version's file on its way to a client.
private struct SentBlob: SentFile {
  let blob: OpenBlob
  var bytes: Int64 { blob.bytes }

  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(RegistryError) -> Int {
    try blob.read(at: offset, into: buffer)
  }
}
