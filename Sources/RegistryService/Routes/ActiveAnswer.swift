import HTTPTypes
package import ModelRegistry
import RegistryDocuments
import RegistryModel
import Synchronization

/// What `GET /api/active` is answered, written out once for each state.
package final class ActiveAnswer: Sendable {
  package let watch: ActiveWatch
  private let written = Mutex<(revision: UInt64, response: APIResponse)?>(nil)

  package init(root: String) { watch = ActiveWatch(root: root) }

  func response() throws -> APIResponse {
    let reading = try watch.read()
    return written.withLock { written in
      if let written, written.revision == reading.revision { return written.response }
      let response = APIResponse.json(Document.active(reading.state))
      written = (reading.revision, response)
      return response
    }
  }
}
