public import ModelRegistry
import Synchronization

/// The clocks of a machine that a test turns: boots, uptime and wall time.
public final class TestClock: Sendable {
  private struct Now {
    var wallMilliseconds: Int64 = 1_760_000_000_000
    var uptimeMilliseconds: Int64 = 5_000
    var boot = 1
  }

  private let now = Mutex(Now())

  public init() {}

  public var clock: MachineClock {
    MachineClock(
      now: { self.now.withLock { Timestamp(milliseconds: $0.wallMilliseconds) } },
      moment: {
        self.now.withLock {
          Trial.Moment(bootID: "boot-\($0.boot)", uptimeMilliseconds: $0.uptimeMilliseconds)
        }
      })
  }

  public func advance(seconds: Int64) { advance(milliseconds: seconds * 1000) }

  public func advance(milliseconds: Int64) {
    now.withLock {
      $0.wallMilliseconds += milliseconds
      $0.uptimeMilliseconds += milliseconds
    }
  }

  public func setWall(_ time: Timestamp) { now.withLock { $0.wallMilliseconds = time.milliseconds } }

  /// The power goes and comes back.
  public func reboot() {
    now.withLock {
      $0.boot += 1
      $0.uptimeMilliseconds = 3_000
    }
  }
}
