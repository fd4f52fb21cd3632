import DurableFiles
import RegistryModel
import Synchronization

/// Files that this process has read whole and found good, as stamps are for those that may write the index.
package final class VerifiedFiles: Sendable {
  private static let limit = 1_000

  private let known = Mutex<[FileStatus: Digest]>([:])

  package init() {}

  func has(_ status: FileStatus, holding digest: Digest) -> Bool {
    known.withLock { $0[status] == digest }
  }

  func add(_ status: FileStatus, holding digest: Digest) {
    known.withLock { known in
      if known.count >= Self.limit { known.removeAll() }
      known[status] = digest
    }
  }
}
