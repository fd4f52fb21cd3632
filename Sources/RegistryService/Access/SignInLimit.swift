package import RegistryModel
import Synchronization

/// How often somebody may fail to sign in: a few times at once, then once in ten seconds, for everybody together. Whoever has
/// a good token gets in all the same.
///
/// A secret has 256 bits, so this is no defence against guessing: it keeps a loop of tries from filling logs and audit.
package final class SignInLimit: Sendable {
  private static let burst = 5.0
  private static let millisecondsPerTry = 10_000.0

  private struct State {
    var left = SignInLimit.burst
    var at: Timestamp?
  }

  private let state = Mutex(State())

  package init() {}

  /// Notes a try that failed; whether it wasn't too soon.
  package func take(at now: Timestamp) -> Bool {
    state.withLock { state in
      let passed = state.at.map { Double(max(0, now.milliseconds - $0.milliseconds)) } ?? 0
      state.left = min(Self.burst, state.left + passed / Self.millisecondsPerTry)
      state.at = now
      guard state.left >= 1 else { return false }
      state.left -= 1
      return true
    }
  }
}
