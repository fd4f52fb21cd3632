import Glibc

/// Time for whoever reads slowly, so that tests have their own.
struct PaceClock: Sendable {
  /// Never goes back.
  let now: @Sendable () -> Duration
  let sleep: @Sendable (Duration) -> Void

  static let system = PaceClock(
    now: {
      var time = timespec()
      clock_gettime(CLOCK_MONOTONIC, &time)
      return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    },
    sleep: { duration in
      let (seconds, attoseconds) = duration.components
      var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
      nanosleep(&time, nil)
    })
}

/// Keeps reading below a rate: rests between two pieces for as long as the last one should have taken, and never makes
/// up for what was slower than that. Used by one thread.
final class Pace {
  /// So that a stop is noticed at once.
  private static let slice = Duration.milliseconds(100)

  private let bytesPerSecond: Int64
  private let clock: PaceClock
  private var due: Duration

  init(bytesPerSecond: Int64, clock: PaceClock) {
    self.bytesPerSecond = max(1, bytesPerSecond)
    self.clock = clock
    due = clock.now()
  }

  /// - Throws: what the meter's handler throws meanwhile.
  func rest(after bytes: Int64, _ meter: ProgressMeter) throws {
    due += .seconds(1) * (Double(bytes) / Double(bytesPerSecond))
    while true {
      let left = due - clock.now()
      guard left > .zero else { break }
      clock.sleep(min(left, Self.slice))
      try meter.check()
    }
    due = max(due, clock.now())
  }
}
