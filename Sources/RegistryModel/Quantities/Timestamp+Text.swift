extension Timestamp {
  /// Reads RFC 3339 in UTC, `2026-01-05T10:15:00.000Z`.
  ///
  /// `T` and `Z` are capitals, and 0 to 9 digits of fraction are accepted; what is finer than a millisecond is cut off.
  ///
  /// - Throws: `usage` for every other text: offsets, dates that do not exist, leap seconds, years before 1970.
  public init(parsing text: String) throws(RegistryError) {
    guard let milliseconds = Self.milliseconds(in: Array(text.utf8.prefix(31))) else {
      throw RegistryError(
        .usage, "\(text.quoted) is not a time", hint: "write it in UTC, like 2026-01-05T10:15:00.000Z")
    }
    self.init(milliseconds: milliseconds)
  }

  /// The milliseconds that a text says; nil where it is malformed. 31 bytes tell a text that is too long.
  private static func milliseconds(in text: [UInt8]) -> Int64? {
    guard 20...30 ~= text.count, text.last == UInt8(ascii: "Z"), text.count != 21 else { return nil }
    let punctuation: [(Int, Character)] = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")]
    guard punctuation.allSatisfy({ Character(Unicode.Scalar(text[$0.0])) == $0.1 }) else { return nil }
    guard let year = number(text[0..<4]), let month = number(text[5..<7]),
      let day = number(text[8..<10]), let hour = number(text[11..<13]),
      let minute = number(text[14..<16]), let second = number(text[17..<19]),
      year >= 1970, 1...12 ~= month, 1...CivilCalendar.days(inMonth: month, of: year) ~= day,
      hour < 24, minute < 60, second < 60
    else { return nil }
    var thousandths = 0
    if text.count > 20 {
      let digits = text[20..<(text.count - 1)]
      guard text[19] == UInt8(ascii: "."), number(digits) != nil else { return nil }
      let padded = digits.prefix(3) + repeatElement(UInt8(ascii: "0"), count: max(0, 3 - digits.count))
      thousandths = number(padded) ?? 0
    }
    let seconds = CivilCalendar.days(to: (year, month, day)) * 86_400 + hour * 3600 + minute * 60 + second
    return Int64(seconds) * 1000 + Int64(thousandths)
  }

  /// The value of at most nine ASCII digits, nil where another byte stands among them.
  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard digits.allSatisfy(\.isASCIIDigit) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }
}

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC, always with three digits of fraction: `2026-01-05T10:15:00.000Z`.
  public var description: String {
    let (day, rest) = Int(milliseconds).quotientAndRemainder(dividingBy: 86_400_000)
    let date = CivilCalendar.date(daysAfterEpoch: day)
    var text: [UInt8] = []
    text.reserveCapacity(24)
    func append(_ value: Int, digits: Int, then separator: UInt8) {
      var divisor = (1..<digits).reduce(1) { power, _ in power * 10 }
      while divisor > 0 {
        text.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
        divisor /= 10
      }
      text.append(separator)
    }
    append(date.year, digits: 4, then: UInt8(ascii: "-"))
    append(date.month, digits: 2, then: UInt8(ascii: "-"))
    append(date.day, digits: 2, then: UInt8(ascii: "T"))
    append(rest / 3_600_000, digits: 2, then: UInt8(ascii: ":"))
    append(rest / 60_000 % 60, digits: 2, then: UInt8(ascii: ":"))
    append(rest / 1000 % 60, digits: 2, then: UInt8(ascii: "."))
    append(rest % 1000, digits: 3, then: UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }
}
