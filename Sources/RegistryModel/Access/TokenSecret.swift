/// A bearer token as its holder has it: `mctl_` and 43 characters of base64url, which are 32 random bytes.
///
/// The prefix lets scanners of repositories and logs recognise one. Printed, it shows the prefix only.
package struct TokenSecret: Sendable {
  package static let prefix = "mctl_"
  package static let byteCount = 32
  private static let characterCount = 43

  /// All of it; what is kept of it is the SHA-256 of these bytes.
  package let text: String

  /// Makes one of exactly 32 bytes, nil for any other number.
  package init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    text = Self.prefix + Self.encode(bytes)
  }

  /// Takes a text for a secret; nil for what can't be one.
  package init?(parsing text: String) {
    guard text.utf8.count == Self.prefix.utf8.count + Self.characterCount,
      let digits = text.afterPrefix(Self.prefix), digits.utf8.allSatisfy(Self.alphabet.contains)
    else { return nil }
    self.text = text
  }

  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  /// RFC 4648 §5, without padding.
  private static func encode(_ bytes: [UInt8]) -> String {
    var digits: [UInt8] = []
    var pending: UInt32 = 0
    var bits = 0
    for byte in bytes {
      pending = (pending << 8 | UInt32(byte)) & 0xffff
      bits += 8
      while bits >= 6 {
        bits -= 6
        digits.append(alphabet[Int(pending >> UInt32(bits) & 0x3f)])
      }
    }
    if bits > 0 { digits.append(alphabet[Int(pending << UInt32(6 - bits) & 0x3f)]) }
    return String(decoding: digits, as: UTF8.self)
  }
}

extension TokenSecret: CustomStringConvertible, CustomDebugStringConvertible {
  package var description: String { "\(Self.prefix)…" }
  package var debugDescription: String { description }
}
