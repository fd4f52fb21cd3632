/// The name of a version, `robot_001_v4`: an adapter and a number.
///
/// Ordered by adapter, then by number as an integer, so `v10` comes after `v9`. A name is not an identity: that is the
/// digest of the version's manifest.
public struct VersionID: Hashable, Sendable {
  /// The numbers that a version may have: one to nine digits.
  public static let numbers = 1...999_999_999

  /// The line that the version belongs to.
  public let adapter: AdapterName
  /// The version's place in the line, in ``numbers``.
  public let number: Int

  /// Names a version.
  ///
  /// - Throws: `usage` where the number is outside ``numbers``.
  public init(adapter: AdapterName, number: Int) throws(RegistryError) {
    guard Self.numbers ~= number else {
      throw RegistryError(
        .usage, "\(number) is not a version number", hint: "use 1 to \(Self.numbers.upperBound)")
    }
    self.adapter = adapter
    self.number = number
  }

  /// Reads `robot_001_v4`; the number is `[1-9][0-9]{0,8}`, without leading zeros.
  ///
  /// - Throws: `usage` for every other text.
  public init(parsing text: String) throws(RegistryError) {
    let digits = text.utf8.reversed().prefix(while: \.isASCIIDigit).count
    let separator = text.utf8.dropLast(digits)
    guard digits > 0, separator.suffix(2).elementsEqual("_v".utf8) else {
      throw RegistryError(.usage, "\(text.quoted) is not a version", hint: "write it like robot_001_v4")
    }
    let name = String(text[..<text.utf8.index(separator.endIndex, offsetBy: -2)])
    try self.init(
      adapter: AdapterName(parsing: name), number: Self.number(parsing: String(text[separator.endIndex...])))
  }

  /// Reads a version's number, `[1-9][0-9]{0,8}`.
  ///
  /// - Throws: `usage` for every other text, leading zeros and signs included.
  public static func number(parsing text: String) throws(RegistryError) -> Int {
    guard 1...9 ~= text.utf8.count, text.utf8.allSatisfy(\.isASCIIDigit),
      text.utf8.first != UInt8(ascii: "0"), let number = Int(text)
    else {
      throw RegistryError(
        .usage, "\(text.quoted) is not a version number",
        hint: "use 1 to \(numbers.upperBound), without leading zeros")
    }
    return number
  }
}

extension VersionID: Comparable {
  public static func < (lhs: VersionID, rhs: VersionID) -> Bool {
    (lhs.adapter, lhs.number) < (rhs.adapter, rhs.number)
  }
}

extension VersionID: CustomStringConvertible {
  /// `robot_001_v4`, as ``init(parsing:)`` reads it.
  public var description: String { "\(adapter)_v\(number)" }
}
