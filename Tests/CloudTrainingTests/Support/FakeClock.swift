import GoogleCloud
import RegistryModel
import Synchronization

/// Time that passes only while somebody sleeps.
final class FakeClock: Sendable {
  private struct State {
    var now = Duration.zero
    var slept: [Duration] = []
    var date: Int64
  }
  private let state: Mutex<State>

  /// - Parameter date: seconds since the epoch.
  init(date: Int64 = 1_767_608_100) { state = Mutex(State(date: date * 1000)) }

  var slept: [Duration] { state.withLock { $0.slept } }

  var clock: RequestClock {
    RequestClock(
      now: { self.state.withLock { $0.now } },
      date: { self.state.withLock { Timestamp(milliseconds: $0.date) } },
      sleep: { duration in
        self.state.withLock {
          $0.now += duration
          $0.slept.append(duration)
          $0.date += duration.components.seconds * 1000
        }
      },
      fraction: { 1 })
  }
}
