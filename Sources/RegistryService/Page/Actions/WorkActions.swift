import HTTPTypes
import RegistryModel

/// What the page's buttons begin and end: what is scheduled, long work, training.
enum WorkActions {
  static let all: [Route] = [
    Route(.post, "/actions/run", .scope(.operate), body: .form, run),
    Route(.post, "/actions/cancel", .scope(.operate), body: .form, cancel),
    Route(.post, "/actions/upload", .scope(.train), body: .form, upload),
    Route(.post, "/actions/train", .scope(.train), body: .form, train),
    Route(.post, "/actions/train-cancel", .scope(.train), body: .form, cancelJob),
    Route(.post, "/actions/train-install", .scope(.train), body: .form, installResult),
  ]

  private static func run(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let name = try request.ownForm { try $0.required("name", text) }
    return .seeOther(PagePath.operation(try core.schedule.run(name, as: request.caller.name).id))
  }

  private static func cancel(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let id = try request.ownForm { try $0.required("id", text) }
    let operation = try core.cancel(id, as: request.caller)
    return PageAnswer.seeOther(PagePath.operation(operation.id), .cancelled)
  }

  private static func upload(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    _ = try request.ownForm { _ in }
    return .seeOther(PagePath.operation(try core.upload(again: false, as: request.caller.name).id))
  }

  private static func train(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let order = try request.ownForm { form in
      var order = TrainingOrder()
      order.adapter = try form.optional("adapter", AdapterName.init(parsing:))
      order.base = try form.optional("base", base) ?? .active
      order.backend = try form.optional("backend", TrainingBackendName.init(parsing:))
      return order
    }
    let document = try core.trigger(order, as: request.caller.name)
    return PageAnswer.seeOther(PagePath.job(document.text("job_id") ?? ""), .triggered)
  }

  private static func cancelJob(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (id, reason) = try request.ownForm { form in
      (try form.required("job", JobID.init(parsing:)), form.optional("reason"))
    }
    _ = try core.cancel(id, reason: reason, as: request.caller.name)
    return PageAnswer.seeOther(PagePath.job(id.text), .cancelled)
  }

  private static func installResult(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (id, activates) = try request.ownForm { form in
      (try form.required("job", JobID.init(parsing:)), try form.flag("activate"))
    }
    let operation = try core.download(id, activates: activates, as: request.caller)
    return .seeOther(PagePath.operation(operation.id))
  }

  private static func text(_ text: String) throws(RegistryError) -> String { text }

  private static func base(_ text: String) throws(RegistryError) -> TrainingOrder.Base {
    text == "none" ? .none : .version(try Reference(parsing: text))
  }
}
