extension JSONParser {
  /// Reads `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?` as the nearest double.
  mutating func number() throws(RegistryError) -> Double {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    let integerStart = position
    let integerDigits = try digits()
    if integerDigits > 1, bytes[integerStart] == UInt8(ascii: "0") {
      throw error("a number starts with 0", at: start)
    }
    var isInteger = true
    if next == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      _ = try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isInteger = false
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      _ = try digits()
    }
    // Fifteen digits fit a double exactly, which spares the general way for sizes and counts.
    if isInteger, integerDigits <= 15 {
      let magnitude = bytes[integerStart..<position].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
      return Double(integerStart == start ? magnitude : -magnitude)
    }
    guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)), value.isFinite
    else { throw error("the number is too large", at: start) }
    return value
  }

  /// Steps over one or more digits and counts them.
  private mutating func digits() throws(RegistryError) -> Int {
    let start = position
    while let byte = next, byte.isASCIIDigit { position += 1 }
    guard position > start else { throw error("a digit is missing") }
    return position - start
  }
}
