extension Timestamp {
  /// Reads a time as others write it: RFC 3339 with any offset, Python's `isoformat()` without a zone (taken for UTC),
  /// or milliseconds since the epoch as a number. Nil for all else.
  init?(foreign value: JSONValue) {
    if let milliseconds = value.asInt {
      guard Self.range ~= milliseconds else { return nil }
      self.init(milliseconds: milliseconds)
      return
    }
    guard let text = value.asString, text.utf8.count <= 40 else { return nil }
    var bytes = Array(text.utf8)
    if bytes.count > 10, bytes[10] == UInt8(ascii: " ") { bytes[10] = UInt8(ascii: "T") }
    guard let offset = Self.takeOffset(&bytes),
      let local = try? Timestamp(parsing: String(decoding: bytes, as: UTF8.self) + "Z"),
      Self.range ~= local.milliseconds - offset
    else { return nil }
    self.init(milliseconds: local.milliseconds - offset)
  }

  /// Cuts `Z` or `+01:00` off; how many milliseconds local time is ahead of UTC, nil where it is malformed.
  private static func takeOffset(_ bytes: inout [UInt8]) -> Int64? {
    if bytes.last == UInt8(ascii: "Z") || bytes.last == UInt8(ascii: "z") {
      bytes.removeLast()
      return 0
    }
    let tail = Array(bytes.suffix(6))
    guard bytes.count > 19, tail.count == 6, tail[0] == UInt8(ascii: "+") || tail[0] == UInt8(ascii: "-")
    else {
      return 0
    }
    let digits = [tail[1], tail[2], tail[4], tail[5]]
    guard tail[3] == UInt8(ascii: ":"), digits.allSatisfy(\.isASCIIDigit) else { return nil }
    let values = digits.map { Int64($0 - UInt8(ascii: "0")) }
    let minutes = (values[0] * 10 + values[1]) * 60 + values[2] * 10 + values[3]
    guard minutes < 24 * 60 else { return nil }
    bytes.removeLast(6)
    return (tail[0] == UInt8(ascii: "+") ? 1 : -1) * minutes * 60_000
  }
}
