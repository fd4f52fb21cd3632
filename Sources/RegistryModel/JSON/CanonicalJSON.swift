extension JSONValue {
  /// The one spelling of this document that everybody digests: JSON Canonicalization Scheme, RFC 8785.
  ///
  /// No white space; keys sorted by UTF-16 code units; numbers as ECMAScript writes them; only the escapes that must
  /// be there. Reading the bytes back gives the same document, unless a string holds a noncharacter.
  ///
  /// - Precondition: every number is finite, as RFC 8785 §3.2.2.3 demands.
  public var canonicalBytes: [UInt8] {
    var writer = CanonicalJSONWriter()
    writer.write(self)
    return writer.bytes
  }

  /// ``canonicalBytes`` as text.
  public var canonicalText: String { String(decoding: canonicalBytes, as: UTF8.self) }
}

/// Appends canonical JSON to a buffer.
struct CanonicalJSONWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ value: JSONValue) {
    switch value {
    case .null: bytes += "null".utf8
    case .bool(let bool): bytes += (bool ? "true" : "false").utf8
    case .number(let number): CanonicalNumber.append(number, to: &bytes)
    case .string(let text): write(text)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        write(element)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      let sorted = members.sorted { UTF16Order.precedes($0.key, $1.key) }
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in sorted.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        write(member.key)
        bytes.append(UInt8(ascii: ":"))
        write(member.value)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    if text.utf8.contains(where: Self.needsEscape) {
      for byte in text.utf8 { writeEscaped(byte) }
    } else {
      bytes += text.utf8
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func writeEscaped(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): bytes += "\\\"".utf8
    case UInt8(ascii: "\\"): bytes += "\\\\".utf8
    case 0x08: bytes += "\\b".utf8
    case 0x09: bytes += "\\t".utf8
    case 0x0a: bytes += "\\n".utf8
    case 0x0c: bytes += "\\f".utf8
    case 0x0d: bytes += "\\r".utf8
    case 0x00...0x1f:
      bytes += "\\u00".utf8
      bytes += [UInt8(lowercaseHexDigit: byte >> 4), UInt8(lowercaseHexDigit: byte)]
    default: bytes.append(byte)
    }
  }
}

/// The order of UTF-16 code units, found in UTF-8.
///
/// UTF-8 sorts by code point. UTF-16 differs in one thing: the surrogates, which stand for everything from U+10000 on
/// (first bytes F0…F4), come before U+E000…U+FFFF (first bytes EE and EF).
enum UTF16Order {
  static func precedes(_ lhs: String, _ rhs: String) -> Bool {
    lhs.utf8.lexicographicallyPrecedes(rhs.utf8) { rank($0) < rank($1) }
  }

  private static func rank(_ byte: UInt8) -> UInt8 {
    byte == 0xee || byte == 0xef ? byte + 0x10 : byte
  }
}
