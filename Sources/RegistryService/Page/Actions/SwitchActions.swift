import HTTPTypes
import ModelRegistry
import RegistryDocuments
import RegistryModel

/// What the page's buttons do to what runs. Each sends along what was active when its page was made, so that of two
/// people who decide at once only one does. A rollback alone may go without: it is the way out where that can't be told.
enum SwitchActions {
  static let all: [Route] = [
    Route(.post, "/actions/activate", .scope(.operate), body: .form, activate),
    Route(.post, "/actions/deactivate", .scope(.operate), body: .form, deactivate),
    Route(.post, "/actions/confirm", .scope(.operate), body: .form, isUrgent: true, confirm),
    Route(.post, "/actions/rollback", .scope(.operate), body: .form, isUrgent: true, rollback),
  ]

  private static func activate(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (reference, options) = try request.ownForm { form in
      let reference = try form.required("reference", Reference.init(parsing:))
      let attempts = try form.optional("attempts", attempts)
      let deadline = try form.optional("deadline", DurationText.init(parsing:))
      return (
        reference,
        ActivationOptions(
          reason: form.optional("reason"), attempts: attempts, deadlineMilliseconds: deadline?.milliseconds,
          force: try form.flag("force"), expecting: try form.seenGeneration())
      )
    }
    return try changed(core, request, "Activate \(reference)", options.expecting, .activated) {
      try $0.activate([reference], options)
    }
  }

  private static func attempts(_ text: String) throws(RegistryError) -> Int {
    guard 1...4 ~= text.utf8.count, text.utf8.allSatisfy(\.isASCIIDigit), let number = Int(text),
      1...1000 ~= number
    else { throw RegistryError(.usage, "\(text.quoted) boots", hint: "give 1 to 1000") }
    return number
  }

  private static func deactivate(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (adapter, options) = try request.ownForm { form in
      let adapter = try form.required("adapter", AdapterName.init(parsing:))
      return (
        adapter,
        ActivationOptions(reason: form.optional("reason"), expecting: try form.seenGeneration())
      )
    }
    return try changed(core, request, "Deactivate \(adapter)", options.expecting, .deactivated) {
      try $0.deactivate(adapter, options)
    }
  }

  private static func confirm(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let seen = try request.ownForm { try $0.seenGeneration() }
    return try changed(core, request, "Confirm generation \(seen)", seen, .confirmed) {
      try $0.confirm(generation: seen)
    }
  }

  private static func rollback(_ core: ServiceCore, _ request: APIRequest) throws -> APIResponse {
    let (bad, reason, seen) = try request.ownForm { form in
      (try form.flag("bad"), form.optional("reason"), try form.generation(Form.seen))
    }
    return try changed(core, request, "Roll back", seen, .rolledBack, isWayBack: true) {
      try $0.rollback(bad: bad, reason: reason, expecting: seen)
    }
  }

  /// Does it, and shows what runs now; or what changed meanwhile, where that is why it was refused.
  private static func changed(
    _ core: ServiceCore, _ request: APIRequest, _ wanted: String, _ seen: Int?, _ notice: Notice,
    isWayBack: Bool = false, _ body: (Registry) throws -> SwitchResult
  ) throws -> APIResponse {
    let frame = request.frame(core, "Done", .overview)
    let result: SwitchResult
    do {
      result = try core.store.changing(as: request.caller.name, isWayBack: isWayBack, body)
    } catch let error as RegistryError where error.code == .refused || error.code == .notFound {
      guard let seen, let now = core.activeGeneration, now != seen else { throw error }
      return try conflict(core, request, wanted, seen)
    }
    core.switched()
    guard !result.warnings.isEmpty else { return PageAnswer.seeOther("/", notice) }
    let page = WarningPage(frame: frame, done: notice.text, warnings: result.warnings, back: "/")
    return try PageAnswer.html("warning", page)
  }

  private static func conflict(
    _ core: ServiceCore, _ request: APIRequest, _ wanted: String, _ seen: Int
  ) throws -> APIResponse {
    let frame = request.frame(core, "Somebody was faster", .overview)
    let active = (try? core.active.watch.read().state).map { Document.active($0) } ?? .null
    let switches = try core.store.reading { (try? $0.history(limit: 50))?.items.map(Document.history) ?? [] }
    let page = ConflictPage(
      frame, wanted: wanted, seen: seen, active: active, switches: switches, now: core.now)
    return try PageAnswer.html("conflict", page, .conflict)
  }
}
