import HTTPTypes
import ModelRegistry
import RegistryModel

/// What the page's buttons do to versions.
enum VersionActions {
  static let all: [Route] = [
    Route(.post, "/actions/install", .scope(.operate), body: .form, install),
    Route(.post, "/actions/uninstall", .scope(.operate), body: .form, uninstall),
    Route(.post, "/actions/pin", .scope(.operate), body: .form) { core, request in
      try change(core, request, .pinned) { try $0.pin($1) }
    },
    Route(.post, "/actions/unpin", .scope(.operate), body: .form) { core, request in
      try change(core, request, .unpinned) { try $0.unpin($1) }
    },
  ]

  private static func reference(_ request: APIRequest) throws -> Reference {
    try request.ownForm { try $0.required("reference", Reference.init(parsing:)) }
  }

  private static func install(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let reference = try reference(request)
    let operation = try core.install([reference], as: request.caller.name)
    return .seeOther(PagePath.operation(operation.id))
  }

  private static func uninstall(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    try change(core, request, .uninstalled) { try $0.uninstall($1).version }
  }

  private static func change(
    _ core: ServiceCore, _ request: APIRequest, _ notice: Notice,
    _ body: (Registry, Reference) throws -> VersionID
  ) throws -> APIResponse {
    let reference = try reference(request)
    let version = try core.store.changing(as: request.caller.name) { try body($0, reference) }
    return PageAnswer.seeOther(PagePath.version(version.description), notice)
  }
}
