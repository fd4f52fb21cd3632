import Foundation

/// Base64 of the two alphabets of RFC 4648.
enum Base64 {
  static func encode(_ bytes: some Sequence<UInt8>) -> String { Data(bytes).base64EncodedString() }

  static func encode(bigEndian value: UInt32) -> String {
    encode([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) })
  }

  /// Nil for anything but padded base64.
  static func decode(_ text: String) -> [UInt8]? { Data(base64Encoded: text).map { Array($0) } }

  static func encodeURL(_ bytes: some Sequence<UInt8>) -> String {
    String(
      encode(bytes).compactMap { character -> Character? in
        switch character {
        case "+": "-"
        case "/": "_"
        case "=": nil
        default: character
        }
      })
  }

  /// Nil for anything but base64url without padding.
  static func decodeURL(_ text: some StringProtocol) -> [UInt8]? {
    guard !text.contains(where: { "+/=".contains($0) }) else { return nil }
    let standard = text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
    return decode(String(standard) + String(repeating: "=", count: (4 - standard.count % 4) % 4))
  }
}
