/// A moment as whole milliseconds since the Unix epoch, UTC without leap seconds.
///
/// Kept as an integer and written as text only at the edge. Covers the years 1970 to 9999, which are what RFC 3339
/// text with four digits can say.
public struct Timestamp: Hashable, Sendable {
  /// The milliseconds that a timestamp may have: 1970-01-01T00:00:00.000Z to 9999-12-31T23:59:59.999Z.
  public static let range: ClosedRange<Int64> = 0...253_402_300_799_999

  /// Milliseconds since the Unix epoch, within ``range``.
  public let milliseconds: Int64

  /// Makes a timestamp; a value outside ``range`` becomes the nearest one inside.
  ///
  /// A robot's clock may be absurd before the network sets it, and that must not stop what asked for the time.
  public init(milliseconds: Int64) {
    self.milliseconds = min(max(milliseconds, Self.range.lowerBound), Self.range.upperBound)
  }
}

extension Timestamp: Comparable {
  public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool { lhs.milliseconds < rhs.milliseconds }
}

/// The proleptic Gregorian calendar from 1970 on, in whole days since the epoch.
enum CivilCalendar {
  static func isLeap(_ year: Int) -> Bool {
    year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
  }

  static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// The days from the epoch to 1 January of a year from 1970 on.
  static func days(toYear year: Int) -> Int {
    func leapYears(through last: Int) -> Int { last / 4 - last / 100 + last / 400 }
    return (year - 1970) * 365 + leapYears(through: year - 1) - leapYears(through: 1969)
  }

  /// The days from the epoch to a date that exists.
  static func days(to date: (year: Int, month: Int, day: Int)) -> Int {
    let earlierMonths = (1..<date.month).reduce(0) { $0 + days(inMonth: $1, of: date.year) }
    return days(toYear: date.year) + earlierMonths + date.day - 1
  }

  /// The date that lies some days, 0 or more, after the epoch.
  static func date(daysAfterEpoch days: Int) -> (year: Int, month: Int, day: Int) {
    // No year has fewer than 365 days, so the first guess is never too early, and at most a few years too late.
    var year = 1970 + days / 365
    while self.days(toYear: year) > days { year -= 1 }
    var rest = days - self.days(toYear: year)
    var month = 1
    while rest >= self.days(inMonth: month, of: year) {
      rest -= self.days(inMonth: month, of: year)
      month += 1
    }
    return (year, month, rest + 1)
  }
}
