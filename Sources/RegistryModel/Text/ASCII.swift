extension UInt8 {
  /// `0`…`9`.
  package var isASCIIDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }

  /// `a`…`z`.
  package var isASCIILowercase: Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= self }

  /// `A`…`Z`.
  package var isASCIIUppercase: Bool { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self }

  /// Space to tilde: what every terminal shows as one character.
  package var isASCIIPrintable: Bool { 0x20...0x7e ~= self }

  /// The value of a lower-case hexadecimal digit, nil for every other byte (upper case too).
  package var lowercaseHexValue: UInt8? {
    if isASCIIDigit { return self - UInt8(ascii: "0") }
    return UInt8(ascii: "a")...UInt8(ascii: "f") ~= self ? self - UInt8(ascii: "a") + 10 : nil
  }

  /// The lower-case hexadecimal digit of a value in 0...15; the four high bits are ignored.
  package init(lowercaseHexDigit value: UInt8) {
    let nibble = value & 0x0f
    self = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
  }
}

extension StringProtocol {
  /// The text after a prefix, nil where the bytes do not start with it.
  ///
  /// Compares bytes. `hasPrefix` compares characters, so a combining mark after the prefix would hide it.
  package func afterPrefix(_ prefix: String) -> String? {
    guard utf8.starts(with: prefix.utf8) else { return nil }
    return String(self[utf8.index(startIndex, offsetBy: prefix.utf8.count)...])
  }

  /// The text before a suffix, nil where it doesn't end so.
  package func beforeSuffix(_ suffix: String) -> String? {
    guard utf8.reversed().starts(with: suffix.utf8.reversed()) else { return nil }
    return String(self[..<utf8.index(endIndex, offsetBy: -suffix.utf8.count)])
  }

  /// The texts before and after the first occurrence of an ASCII byte, nil where there is none.
  package func splitOnce(at byte: UInt8) -> (before: String, after: String)? {
    guard let index = utf8.firstIndex(of: byte) else { return nil }
    return (String(self[..<index]), String(self[utf8.index(after: index)...]))
  }
}
