/// An object's name: UTF-8, compared byte by byte, which is the order of lists.
package struct ObjectName: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let bytes: [UInt8]

  /// Nil for what the service refuses: no or more than 1024 bytes, a line break, `.` and `..`.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard (1...1024).contains(bytes.count), text != ".", text != "..",
      !bytes.contains(UInt8(ascii: "\n")), !bytes.contains(UInt8(ascii: "\r"))
    else { return nil }
    self.bytes = bytes
  }

  package var description: String { String(decoding: bytes, as: UTF8.self) }

  package static func < (lhs: ObjectName, rhs: ObjectName) -> Bool {
    lhs.bytes.lexicographicallyPrecedes(rhs.bytes)
  }
}
