/// What the `Range` of a request selects of an object.
package enum ByteRange: Hashable, Sendable {
  case whole
  case part(Range<Int64>)
  /// Nothing of the object lies in the range: 416.
  case unsatisfiable

  /// Reads `bytes=a-b`, `bytes=a-` and `bytes=-n`; a text of any other form is ignored, as RFC 9110 demands.
  package init(_ text: String?, size: Int64) {
    self = .whole
    guard let text, text.hasPrefix("bytes=") else { return }
    let ends = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2 else { return }
    if ends[0].isEmpty {
      guard let count = Decimal.parse(ends[1]) else { return }
      self = count == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - count)..<size)
      return
    }
    guard let first = Decimal.parse(ends[0]) else { return }
    if ends[1].isEmpty {
      self = first < size ? .part(first..<size) : .unsatisfiable
      return
    }
    guard let last = Decimal.parse(ends[1]), first <= last else { return }
    self = first < size ? .part(first..<(min(last, size - 1) + 1)) : .unsatisfiable
  }
}
