/// Numbers as ECMAScript's `Number::toString` writes them, which RFC 8785 §3.2.2.3 demands.
///
/// Swift finds the shortest digits that read back as the same double, and the nearest among those, as ECMAScript asks;
/// only the layout differs.
enum CanonicalNumber {
  /// - Precondition: the number is finite.
  static func append(_ number: Double, to bytes: inout [UInt8]) {
    precondition(number.isFinite, "JSON has no \(number)")
    if let integer = Int64(exactly: number), JSONValue.safeIntegers ~= integer {
      // Also turns -0 into 0.
      bytes += "\(integer)".utf8
      return
    }
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    var shortest = ShortestDigits(of: number.magnitude)
    shortest.layOut(into: &bytes)
  }
}

/// Decimal digits d₁…dₖ and a place n: the number 0.d₁…dₖ × 10ⁿ.
private struct ShortestDigits {
  private var digits: [UInt8] = []
  private var place = 0

  /// Takes apart what Swift prints: digits, perhaps a point, perhaps `e` and an exponent.
  init(of number: Double) {
    let parts = number.description.utf8.split(separator: UInt8(ascii: "e"))
    var pointSeen = false
    for byte in parts[0] {
      if byte == UInt8(ascii: ".") {
        pointSeen = true
      } else {
        digits.append(byte)
        if !pointSeen { place += 1 }
      }
    }
    if parts.count == 2 { place += Int(Substring(parts[1])) ?? 0 }
    let zero = UInt8(ascii: "0")
    let leadingZeros = digits.prefix { $0 == zero }.count
    digits.removeFirst(leadingZeros)
    place -= leadingZeros
    while digits.last == zero { digits.removeLast() }
  }

  /// Writes the digits the way ECMAScript does: plain from 1e-6 up to 1e21, with an exponent outside.
  mutating func layOut(into bytes: inout [UInt8]) {
    let zero = UInt8(ascii: "0")
    let point = UInt8(ascii: ".")
    switch place {
    // A double has at most 17 digits, so this range is one.
    case digits.count...21:
      bytes += digits
      bytes += repeatElement(zero, count: place - digits.count)
    case 1...21:
      bytes += digits[..<place]
      bytes.append(point)
      bytes += digits[place...]
    case -5...0:
      bytes += [zero, point]
      bytes += repeatElement(zero, count: -place)
      bytes += digits
    default:
      bytes.append(digits[0])
      if digits.count > 1 {
        bytes.append(point)
        bytes += digits[1...]
      }
      bytes += (place > 0 ? "e+" : "e-").utf8
      bytes += "\((place - 1).magnitude)".utf8
    }
  }
}
