extension JSONParser {
  /// Reads a string from its opening quote to behind its closing one.
  mutating func string() throws(RegistryError) -> String {
    let opening = position
    position += 1
    var run = position
    var unescaped: [UInt8] = []
    var mayHoldNoncharacter = false
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        let text =
          unescaped.isEmpty
          ? String(validating: bytes[run..<position], as: UTF8.self)
          : String(validating: unescaped + bytes[run..<position], as: UTF8.self)
        guard let text else {
          throw error("the bytes are not UTF-8", at: firstMalformedByte(from: opening + 1))
        }
        position += 1
        if mayHoldNoncharacter, text.unicodeScalars.contains(where: \.isNoncharacter) {
          throw error("the string holds a noncharacter", at: opening)
        }
        return text
      case UInt8(ascii: "\\"):
        unescaped += bytes[run..<position]
        mayHoldNoncharacter = true
        unescaped += try escape()
        run = position
      case 0x00...0x1f:
        throw error("a control character stands in a string without an escape")
      default:
        mayHoldNoncharacter = mayHoldNoncharacter || byte >= 0x80
        position += 1
      }
    }
    throw error("the string that starts here does not end", at: opening)
  }

  /// Reads one escape from its backslash on; what it stands for, as UTF-8.
  private mutating func escape() throws(RegistryError) -> [UInt8] {
    let start = position
    position += 1
    guard let letter = next else { throw error("the escape does not end", at: start) }
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [letter]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0c]
    case UInt8(ascii: "n"): return [0x0a]
    case UInt8(ascii: "r"): return [0x0d]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return Array(String(Character(try scalar(from: start))).utf8)
    default: throw error("there is no such escape", at: start)
    }
  }

  /// Reads the digits after `\u`, and a whole second escape where the first one is half of a pair.
  private mutating func scalar(from start: Int) throws(RegistryError) -> Unicode.Scalar {
    let first = try codeUnit(from: start)
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xdc00, bytes[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
      throw error("a surrogate stands alone", at: start)
    }
    position += 2
    let second = try codeUnit(from: start)
    guard 0xdc00...0xdfff ~= second,
      let scalar = Unicode.Scalar(0x1_0000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00))
    else { throw error("a surrogate stands alone", at: start) }
    return scalar
  }

  private mutating func codeUnit(from start: Int) throws(RegistryError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      // `| 0x20` makes A-F lower case and leaves digits alone; what it makes of other bytes is no digit.
      guard let byte = next, let digit = (byte.isASCIIDigit ? byte : byte | 0x20).lowercaseHexValue,
        byte.isASCIIDigit || byte.isASCIILowercase || byte.isASCIIUppercase
      else { throw error("\\u needs four hexadecimal digits", at: start) }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }

  /// Where the first byte lies, at or after an offset and before the position, that does not belong to any character.
  private func firstMalformedByte(from start: Int) -> Int {
    var offset = start
    var iterator = bytes[start..<position].makeIterator()
    var decoder = UTF8.ForwardParser()
    while case .valid(let character) = decoder.parseScalar(from: &iterator) { offset += character.count }
    return offset
  }
}
