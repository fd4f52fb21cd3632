import ModelRegistry
import RegistryDocuments
import RegistryModel

/// The disk, the remote and the schedule, and long work.
enum StoragePageRoutes {
  static let all: [Route] = [
    PageRoutes.page("/storage", storage), PageRoutes.page("/operations/{id}", operation),
  ]

  private static func storage(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let frame = request.frame(core, "Storage", .storage)
    let status = Document.status(try core.store.reading { try $0.status() })
    let page = StoragePage(
      frame, status: status, schedule: core.schedule.document.asArray ?? [], now: core.now)
    return try PageAnswer.page(
      "storage", page, request, parts: ["use", "problems", "remote", "schedule"])
  }

  private static func operation(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let operation = try core.operations.find(request.parameter("id"))
    let frame = request.frame(core, operation.kind, nil)
    return try PageAnswer.page(
      "operation", OperationPage(frame, operation.document, now: core.now), request, parts: ["state"])
  }
}
