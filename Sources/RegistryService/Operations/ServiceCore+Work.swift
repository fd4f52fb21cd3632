import ModelRegistry
import RegistryDocuments
import RegistryModel

/// Long work and training that the API and the page begin and end alike.
extension ServiceCore {
  func install(_ references: [Reference], as caller: String) throws -> LongOperation {
    try operations.start("install", subject: references.map(\.description), as: caller) { [self] progress in
      try store.changing(as: caller) { registry in
        var done: [JSONValue] = []
        for reference in references {
          try progress.check()
          done.append(
            Document.installed(try registry.install(reference, progress: { try progress($0, $1) })))
        }
        return ["versions": .array(done)]
      }
    }
  }

  func upload(again: Bool, as caller: String) throws -> LongOperation {
    try operations.start("upload", as: caller) { [self] progress in
      try training.upload(as: caller, again: again) { try progress($0, $1) }
    }
  }

  /// - Parameter activates: whether the result is put on trial; nil: what the configuration says.
  func download(_ id: JobID, activates: Bool?, as caller: Caller) throws -> LongOperation {
    var activates = activates
    if !caller.may(.scope(.operate)) {
      if activates == true { throw Denied.scope(.scope(.operate), caller) }
      // Whatever the configuration says: what runs is not for whoever trains alone to change.
      activates = false
    }
    return try operations.start("download", subject: [id.text], as: caller.name) {
      [self, activates, name = caller.name] progress in
      defer { switched() }
      return try training.download(id, activates: activates, as: name) { try progress($0, $1) }
    }
  }

  /// Asks long work to end.
  func cancel(_ id: String, as caller: Caller) throws -> LongOperation {
    let operation = try operations.find(id)
    // Whoever may train alone ends what he began himself.
    guard caller.may(.scope(.operate)) || caller.name == operation.caller else {
      throw Denied.scope(.scope(.operate), caller)
    }
    try operation.cancel()
    return operation
  }

  /// Makes a job and has it trained; its document.
  func trigger(_ order: TrainingOrder, as caller: String) throws -> JSONValue {
    let document = try asked { try training.trigger(order, as: caller) }
    events.send("job", document)
    return document
  }

  /// Asks a job to end; its document.
  func cancel(_ id: JobID, reason: String?, as caller: String) throws -> JSONValue {
    let document = try training.cancel(id, reason: reason, as: caller)
    events.send("job", document)
    return document
  }
}
