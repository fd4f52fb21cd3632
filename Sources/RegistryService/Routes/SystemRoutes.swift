import HTTPTypes
import ModelRegistry
import RegistryModel

/// What machines ask of the service itself.
enum SystemRoutes {
  static let all: [Route] = [
    Route(.get, "/healthz", .open, isQuick: true) { _, _ in .text("ok\n") },
    Route(.get, "/readyz", .open, ready),
    Route(.get, "/metrics", .scope(.read), metrics),
    Route(.get, "/openapi.yaml", .open, isQuick: true) { _, _ in
      APIResponse(body: .bytes(Assets.openAPI, type: "application/yaml"))
    },
  ]

  /// Ready is who can read the store and say what is to be loaded. It says why it isn't, without a name of the store's: who
  /// may know more asks `/api/status`.
  private static func ready(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    var problems: [String] = []
    do {
      let status = try core.store.reading { try $0.status() }
      if status.versions == nil {
        problems.append("the index can't be read; `modelctl rebuild` makes it again")
      }
      let damaged = try status.versions.map { _ in try core.store.reading { try $0.damagedBlobCount() } } ?? 0
      if damaged > 0 {
        problems.append("blobs are damaged (\(damaged)); `modelctl verify --repair` brings good bytes")
      }
    } catch {
      let code = (error as? RegistryError)?.code ?? .failed
      problems.append("the store can't be read (\(code.rawValue)); run `modelctl doctor`")
    }
    do {
      _ = try ActiveState.read(core.store.root)
    } catch {
      if error.code != .notFound {
        problems.append(
          "what is active can't be told (\(error.code.rawValue)); `modelctl rollback` goes back")
      }
    }
    return .json(
      ["ready": .bool(problems.isEmpty), "problems": .array(problems.map(JSONValue.string))],
      problems.isEmpty ? .ok : .serviceUnavailable)
  }

  private static func metrics(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    APIResponse(
      body: .bytes(
        Array(MetricsPage(core).text.utf8), type: "text/plain; version=0.0.4; charset=utf-8"))
  }
}
