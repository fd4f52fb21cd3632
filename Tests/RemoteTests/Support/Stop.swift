import ModelRegistry
import RegistryModel
import Synchronization

/// A handler of progress that stops the work at its n-th call, as somebody who pressed a button.
final class Stop: Sendable {
  private let calls = Mutex(0)
  private let limit: Int

  init(at limit: Int) { self.limit = limit }

  /// Whether it stopped anything.
  var isReached: Bool { calls.withLock { $0 >= limit } }

  var handler: ProgressHandler {
    { [self] _, _ in
      let count = calls.withLock { calls in
        calls += 1
        return calls
      }
      guard count < limit else {
        throw RegistryError(.cancelled, "somebody pressed stop", hint: "begin it again")
      }
    }
  }
}
