/// A non-negative decimal number and the unit behind it, `1.5GiB`, read exactly.
struct Quantity {
  /// The unit as it is written, empty where there is none.
  let unit: String
  private let digits: Int64
  private let scale: Int64

  /// Reads `[0-9]+(\.[0-9]+)?`, at most one space, and a unit of letters; nil for every other text.
  ///
  /// At most 18 digits in all, so that the arithmetic below cannot overflow.
  init?(parsing text: String) {
    let number = text.utf8.prefix { $0.isASCIIDigit || $0 == UInt8(ascii: ".") }
    let parts = number.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard 1...2 ~= parts.count, parts.allSatisfy({ !$0.isEmpty }), number.count <= 18 else { return nil }
    var rest = text.utf8[number.endIndex...]
    if rest.first == UInt8(ascii: " "), rest.count > 1 { rest = rest.dropFirst() }
    guard rest.allSatisfy({ $0.isASCIILowercase || $0.isASCIIUppercase }) else { return nil }
    unit = String(Substring(rest))
    digits = parts.joined().reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    scale = parts.count == 1 ? 1 : parts[1].reduce(1) { power, _ in power * 10 }
  }

  /// Whether the number has no fraction part.
  var isWhole: Bool { scale == 1 }

  /// The number times the size of its unit, rounded down; nil above a limit.
  func times(_ unitSize: Int64, atMost limit: Int64) -> Int64? {
    let product = Int128(digits) * Int128(unitSize) / Int128(scale)
    return product <= Int128(limit) ? Int64(product) : nil
  }
}
