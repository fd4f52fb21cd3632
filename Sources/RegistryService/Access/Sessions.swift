package import ModelRegistry
package import RegistryModel
import Synchronization

/// Who is signed in to the page. Kept in memory: after a restart people sign in again.
package final class Sessions: Sendable {
  package static let cookieName = "modelctl_session"
  package static let lifetimeMilliseconds: Int64 = 12 * 3_600_000
  private static let limit = 64

  package struct Session: Sendable {
    package let id: String
    /// The secret that was signed in with, as a digest: a revoked token ends its sessions.
    package let token: TokenRecord
    /// What every form sends back.
    package let antiForgery: String
    /// By the clock of the boot: a robot's wall clock jumps.
    let endsAtUptime: Int64
  }

  private let sessions = Mutex<[String: Session]>([:])
  private let clock: MachineClock

  package init(clock: MachineClock) { self.clock = clock }

  /// Begins a session; where there are too many the one that would end first does.
  package func begin(_ token: TokenRecord) -> Session {
    let now = clock.moment().uptimeMilliseconds
    let session = Session(
      id: RandomText.make(), token: token, antiForgery: RandomText.make(),
      endsAtUptime: now + Self.lifetimeMilliseconds)
    sessions.withLock { sessions in
      sessions = sessions.filter { $0.value.endsAtUptime > now }
      while sessions.count >= Self.limit,
        let oldest = sessions.values.min(by: { $0.endsAtUptime < $1.endsAtUptime })
      {
        sessions[oldest.id] = nil
      }
      sessions[session.id] = session
    }
    return session
  }

  package func find(_ id: String) -> Session? {
    let now = clock.moment().uptimeMilliseconds
    return sessions.withLock { sessions in sessions[id].flatMap { $0.endsAtUptime > now ? $0 : nil } }
  }

  package func end(_ id: String) { sessions.withLock { _ = $0.removeValue(forKey: id) } }
}

/// Names that nobody can guess.
package enum RandomText {
  /// 128 bits of the kernel's, in hexadecimal.
  package static func make() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
      let text = String(generator.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
  }
}
