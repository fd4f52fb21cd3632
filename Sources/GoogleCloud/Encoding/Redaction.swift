import RegistryModel

/// Takes secrets out of what servers say, before people see it.
package enum Redaction {
  private static let marks = [
    "upload_id=", "access_token=", "refresh_token=", "assertion=", "X-Goog-Signature=", "Bearer ", "ya29.",
  ]
  private static let limit = 300

  /// One printable line of at most some hundred characters; what stands behind a secret's name is left out.
  package static func clean(_ text: String) -> String {
    var bytes = Array(text.utf8.prefix(16 << 10))
    for mark in marks { bytes = hide(bytes, behind: Array(mark.lowercased().utf8)) }
    let line = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      .joined(separator: " ").printable
    return line.count > limit ? line.prefix(limit) + "…" : line
  }

  private static func hide(_ bytes: [UInt8], behind mark: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let piece = bytes[index...].prefix(mark.count)
      guard piece.elementsEqual(mark, by: { $0 | ($0.isASCIIUppercase ? 0x20 : 0) == $1 }) else {
        result.append(bytes[index])
        index += 1
        continue
      }
      result += piece
      result += "…".utf8
      index += mark.count
      while index < bytes.count, !" \t\r\n&\"'<>,;)".utf8.contains(bytes[index]) { index += 1 }
    }
    return result
  }
}
