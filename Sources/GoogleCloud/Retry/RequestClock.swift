import Glibc
package import RegistryModel

/// Time and chance, so that tests have their own.
public struct RequestClock: Sendable {
  /// Never goes back; for spans.
  package let now: @Sendable () -> Duration
  /// The date, which may be wrong.
  package let date: @Sendable () -> Timestamp
  package let sleep: @Sendable (Duration) -> Void
  /// From 0 to 1.
  package let fraction: @Sendable () -> Double

  package init(
    now: @escaping @Sendable () -> Duration, date: @escaping @Sendable () -> Timestamp,
    sleep: @escaping @Sendable (Duration) -> Void, fraction: @escaping @Sendable () -> Double
  ) {
    self.now = now
    self.date = date
    self.sleep = sleep
    self.fraction = fraction
  }

  /// This machine's clocks; a wait ends when the calls are told to stop.
  public static func system(_ cancellation: Cancellation) -> RequestClock {
    RequestClock(
      now: { reading(CLOCK_MONOTONIC) },
      date: {
        let (seconds, attoseconds) = reading(CLOCK_REALTIME).components
        return Timestamp(milliseconds: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
      },
      sleep: { duration in
        let end = reading(CLOCK_MONOTONIC) + duration
        while !cancellation.isCancelled {
          let rest = end - reading(CLOCK_MONOTONIC)
          guard rest > .zero else { return }
          let slice = min(rest, .milliseconds(100)).components.attoseconds / 1_000_000_000
          var time = timespec(tv_sec: 0, tv_nsec: Int(slice))
          nanosleep(&time, nil)
        }
      },
      fraction: { Double.random(in: 0...1) })
  }

  private static func reading(_ clock: clockid_t) -> Duration {
    var time = timespec()
    clock_gettime(clock, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
