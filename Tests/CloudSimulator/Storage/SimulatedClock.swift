import Glibc
import Synchronization

/// Where the simulator gets the time from.
package struct SimulatedClock: Sendable {
  /// Microseconds since 1970.
  package let nowMicroseconds: @Sendable () -> Int64

  package init(nowMicroseconds: @escaping @Sendable () -> Int64) { self.nowMicroseconds = nowMicroseconds }

  package static let system = SimulatedClock {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
  }
}

/// A clock that stands still until a test moves it.
package final class ManualClock: Sendable {
  private let now: Mutex<Int64>

  package init(seconds: Int64 = 1_767_608_100) { now = Mutex(seconds * 1_000_000) }

  package func advance(seconds: Double) { now.withLock { $0 += Int64(seconds * 1_000_000) } }

  package var clock: SimulatedClock { SimulatedClock { self.now.withLock { $0 } } }
}

/// Dates as the API and HTTP write them.
enum DateText {
  /// `2026-01-05T10:15:00.123Z`.
  static func rfc3339(_ microseconds: Int64) -> String {
    let date = parts(microseconds)
    return "\(pad(date.year, 4))-\(pad(date.month))-\(pad(date.day))T\(date.clock)."
      + "\(pad(microseconds / 1000 % 1000, 3))Z"
  }

  /// `Mon, 05 Jan 2026 10:15:00 GMT`.
  static func http(_ microseconds: Int64) -> String {
    let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let date = parts(microseconds)
    let weekday = weekdays[Int(microseconds / 86_400_000_000 % 7)]
    return
      "\(weekday), \(pad(date.day)) \(months[Int(date.month) - 1]) \(pad(date.year, 4)) \(date.clock) GMT"
  }

  private static func parts(_ microseconds: Int64) -> (year: Int64, month: Int64, day: Int64, clock: String) {
    let seconds = microseconds / 1_000_000
    let inDay = seconds % 86_400
    // Days since 0000-03-01, so that the leap day is a year's last.
    let days = seconds / 86_400 + 719_468
    let era = days / 146_097
    let dayOfEra = days % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let clock = "\(pad(inDay / 3600)):\(pad(inDay / 60 % 60)):\(pad(inDay % 60))"
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1, clock
    )
  }

  private static func pad(_ number: Int64, _ width: Int = 2) -> String {
    let digits = "\(number)"
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
