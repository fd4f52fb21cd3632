package import RegistryModel

/// Percent-encoding of RFC 3986, section 2.1, read strictly.
package enum PercentCoding {
  /// - Throws: `usage` for an escape that is none, for what is no UTF-8, and for a zero byte.
  package static func decode(_ text: Substring) throws(RegistryError) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(value), let low = rest.popFirst().flatMap(value) else {
        throw malformed
      }
      bytes.append(high << 4 | low)
    }
    guard !bytes.contains(0), let decoded = String(validating: bytes, as: UTF8.self) else { throw malformed }
    return decoded
  }

  /// A name or a value of a query or a form, where a plus sign stands for a space (WHATWG URL, section 5.1).
  package static func decodeField(_ text: Substring) throws(RegistryError) -> String {
    try decode(text.replacing("+", with: "%20")[...])
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// Encodes everything but RFC 3986's unreserved characters.
  package static func encode(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      if byte.isUnreserved {
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let hex = String(byte, radix: 16, uppercase: true)
        encoded += byte < 16 ? "%0\(hex)" : "%\(hex)"
      }
    }
    return encoded
  }

  private static let malformed = RegistryError(
    .usage, "an escape is none, or no UTF-8", hint: "percent-encode what is sent as UTF-8")
}

extension UInt8 {
  fileprivate var isUnreserved: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~")].contains(self)
    }
  }
}
