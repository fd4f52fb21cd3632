import FoundationEssentials

/// Base 64, RFC 4648.
package enum Base64 {
  /// With padding.
  package static func encode(_ bytes: some Sequence<UInt8>) -> String { Data(bytes).base64EncodedString() }

  /// For addresses: `-` and `_`, without padding.
  package static func encodeForAddress(_ bytes: some Sequence<UInt8>) -> String {
    String(
      encode(bytes).compactMap { character in
        switch character {
        case "+": "-"
        case "/": "_"
        case "=": nil
        default: character
        }
      })
  }

  /// Nil for everything that isn't padded base 64 without white space.
  package static func decode(_ text: some StringProtocol) -> [UInt8]? {
    Data(base64Encoded: String(text)).map { Array($0) }
  }

  /// Reads ``encodeForAddress(_:)``; nil for everything else.
  package static func decodeFromAddress(_ text: some StringProtocol) -> [UInt8]? {
    var plain = ""
    for character in text {
      switch character {
      case "-": plain.append("+")
      case "_": plain.append("/")
      case "+", "/", "=": return nil
      default: plain.append(character)
      }
    }
    return decode(plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4))
  }
}
