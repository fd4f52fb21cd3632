/// The first 12 to 64 hexadecimal digits of a digest, as people copy it from a list.
///
/// Twelve digits are 48 bits: an accident among a million versions has odds of about one in five hundred, and an
/// ambiguous prefix is refused by whoever looks it up.
public struct DigestPrefix: Hashable, Sendable {
  /// The fewest digits that are accepted.
  public static let minimumDigits = 12

  /// The lower-case hexadecimal digits, 12 to 64 of them.
  public let hex: String

  /// Reads 12 to 64 lower-case hexadecimal digits without `sha256:`.
  ///
  /// - Throws: `usage` for every other text.
  public init(hex: String) throws(RegistryError) {
    guard Self.minimumDigits...(2 * Digest.byteCount) ~= hex.utf8.count,
      hex.utf8.allSatisfy({ $0.lowercaseHexValue != nil })
    else { throw Self.malformed(hex) }
    self.hex = hex
  }

  /// Reads `sha256:` and 12 to 64 lower-case hexadecimal digits.
  ///
  /// - Throws: `usage` for every other text.
  public init(parsing text: String) throws(RegistryError) {
    guard let hex = text.afterPrefix(Digest.prefix) else { throw Self.malformed(text) }
    try self.init(hex: hex)
  }

  private static func malformed(_ text: String) -> RegistryError {
    RegistryError(
      .usage, "\(text.quoted) is not the start of a digest",
      hint: "write sha256: and at least \(minimumDigits) lower-case hexadecimal digits")
  }

  /// All of a digest.
  public init(_ digest: Digest) {
    hex = digest.hex
  }

  /// The digest, where all 64 digits are there.
  public var full: Digest? { try? Digest(hex: hex) }

  /// Whether a digest starts with these digits.
  public func matches(_ digest: Digest) -> Bool { digest.hex.utf8.starts(with: hex.utf8) }

  /// The smallest 32 bytes that start with these digits, inclusive: where an index scan begins.
  public var lowerBound: [UInt8] { padded(with: 0x0) }

  /// The largest 32 bytes that start with these digits, inclusive: where an index scan ends.
  public var upperBound: [UInt8] { padded(with: 0xf) }

  private func padded(with filler: UInt8) -> [UInt8] {
    var nibbles = hex.utf8.compactMap(\.lowercaseHexValue)
    nibbles += repeatElement(filler, count: 2 * Digest.byteCount - nibbles.count)
    return stride(from: 0, to: nibbles.count, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
  }
}

extension DigestPrefix: CustomStringConvertible {
  /// `sha256:` and the digits, as ``init(parsing:)`` reads it.
  public var description: String { Digest.prefix + hex }
}
