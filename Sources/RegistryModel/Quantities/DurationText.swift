/// A length of time as people write it, `90s`, `10m`, `2h`, `7d`, in whole milliseconds.
public struct DurationText: Hashable, Sendable {
  /// The longest: 100 years of 365 days.
  public static let maximumMilliseconds: Int64 = 36_500 * 86_400_000

  /// How many milliseconds, 0 or more.
  public let milliseconds: Int64

  /// Takes a number of milliseconds; a negative one becomes 0.
  public init(milliseconds: Int64) {
    self.milliseconds = max(0, milliseconds)
  }

  /// Reads a decimal number and one unit: `ms`, `s`, `m` (minutes), `h` or `d` (86,400 s).
  ///
  /// A fraction of a millisecond is dropped. A bare number is refused, as nobody could tell its unit.
  ///
  /// - Throws: `usage` for every other text, and above ``maximumMilliseconds``.
  public init(parsing text: String) throws(RegistryError) {
    guard let quantity = Quantity(parsing: text),
      let unit = Self.units.first(where: { $0.name == quantity.unit }),
      let milliseconds = quantity.times(unit.milliseconds, atMost: Self.maximumMilliseconds)
    else {
      throw RegistryError(
        .usage, "\(text.quoted) is not a duration", hint: "write it like 90s, 10m, 2h or 7d")
    }
    self.milliseconds = milliseconds
  }

  /// The same length as the standard library's type.
  public var duration: Duration { .milliseconds(milliseconds) }

  /// Largest first, so that ``description`` takes the largest unit that fits.
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]
}

extension DurationText: Comparable {
  public static func < (lhs: DurationText, rhs: DurationText) -> Bool { lhs.milliseconds < rhs.milliseconds }
}

extension DurationText: CustomStringConvertible {
  /// The length in the largest unit that says it without a fraction, `90s`; ``init(parsing:)`` reads it back.
  public var description: String {
    guard milliseconds > 0,
      let unit = Self.units.first(where: { milliseconds.isMultiple(of: $0.milliseconds) })
    else { return "0s" }
    return "\(milliseconds / unit.milliseconds)\(unit.name)"
  }
}
