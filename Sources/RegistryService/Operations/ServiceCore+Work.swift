import ModelRegistry
import RegistryDocuments
import RegistryModel

/// Long work that the API and the page begin alike.
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

  func download(_ id: JobID, activates: Bool?, as caller: String) throws -> LongOperation {
    try operations.start("download", subject: [id.text], as: caller) { [self] progress in
      defer { switched() }
      return try training.download(id, activates: activates, as: caller) { try progress($0, $1) }
    }
  }
}
