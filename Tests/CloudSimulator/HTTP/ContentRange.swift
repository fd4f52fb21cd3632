/// The `Content-Range` of a request that uploads: `bytes a-b/T`, `bytes a-b/*`, `bytes */T` or `bytes */*`.
package struct ContentRange: Hashable, Sendable {
  /// Nil where the request asks for the state only.
  package let bytes: ClosedRange<Int64>?
  /// The size of the whole object; nil where it is not known yet.
  package let total: Int64?

  /// Nil for any other text.
  package init?(parsing text: String) {
    guard text.hasPrefix("bytes ") else { return nil }
    let halves = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
    guard halves.count == 2 else { return nil }
    if halves[1] == "*" {
      total = nil
    } else {
      guard let number = Decimal.parse(halves[1]) else { return nil }
      total = number
    }
    if halves[0] == "*" {
      bytes = nil
      return
    }
    let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = Decimal.parse(ends[0]), let last = Decimal.parse(ends[1]),
      first <= last
    else { return nil }
    if let total, last >= total { return nil }
    bytes = first...last
  }
}

/// Numbers of digits alone, without the sign that Swift's own parser accepts.
enum Decimal {
  static func parse(_ text: some StringProtocol) -> Int64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    return Int64(text)
  }
}
