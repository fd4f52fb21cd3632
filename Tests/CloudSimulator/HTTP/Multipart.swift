import Glibc

/// The two parts of a `multipart/related` upload: metadata and bytes.
///
/// Lines may end with CRLF or with LF alone, as some clients of the vendor send it.
struct Multipart {
  let metadataType: String
  let metadata: [UInt8]
  let mediaType: String?
  let media: ArraySlice<UInt8>

  /// Nil where the body is not what its content type says, or has not exactly two parts.
  init?(_ body: [UInt8], contentType: String) {
    guard let boundary = Self.boundary(of: contentType) else { return nil }
    let delimiter = Array("--\(boundary)".utf8)
    guard body.starts(with: delimiter) else { return nil }
    var parts: [ArraySlice<UInt8>] = []
    var start = delimiter.count
    while true {
      let rest = body[start...]
      if rest.starts(with: "--".utf8) { break }
      guard let content = Self.afterLineEnd(body, start),
        let next = Self.find(delimiter, in: body, from: content - 1)
      else { return nil }
      var end = max(next, content)
      if end > content, body[end - 1] == UInt8(ascii: "\r") { end -= 1 }
      parts.append(body[content..<end])
      start = next + 1 + delimiter.count
    }
    guard parts.count == 2, let first = Self.split(parts[0]), let second = Self.split(parts[1]),
      let metadataType = first.headers["content-type"]
    else { return nil }
    self.metadataType = metadataType
    metadata = Array(first.content)
    mediaType = second.headers["content-type"]
    media = second.content
  }

  static func boundary(of contentType: String) -> String? {
    let parts = contentType.split(separator: ";").map { $0.drop { $0 == " " } }
    guard parts.first?.lowercased() == "multipart/related" else { return nil }
    for part in parts.dropFirst() where part.lowercased().hasPrefix("boundary=") {
      var value = part.dropFirst(9)
      while value.last == " " { value.removeLast() }
      if value.count >= 2, let quote = value.first, quote == "\"" || quote == "'", value.last == quote {
        value = value.dropFirst().dropLast()
      }
      return value.isEmpty ? nil : String(value)
    }
    return nil
  }

  private static func afterLineEnd(_ bytes: [UInt8], _ start: Int) -> Int? {
    var position = start
    while position < bytes.count, bytes[position] == UInt8(ascii: " ") { position += 1 }
    if position < bytes.count, bytes[position] == UInt8(ascii: "\r") { position += 1 }
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\n") else { return nil }
    return position + 1
  }

  /// Where a line break with the delimiter behind it is.
  private static func find(_ delimiter: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    bytes.withUnsafeBytes { all in
      guard let base = all.baseAddress else { return nil }
      var position = start
      while position < all.count,
        let found = memchr(base + position, Int32(UInt8(ascii: "\n")), all.count - position)
      {
        position = UnsafeRawPointer(found) - base
        let rest = all.count - position - 1
        if rest >= delimiter.count, memcmp(base + position + 1, delimiter, delimiter.count) == 0 {
          return position
        }
        position += 1
      }
      return nil
    }
  }

  private static func split(_ part: ArraySlice<UInt8>) -> (headers: Headers, content: ArraySlice<UInt8>)? {
    var headers = Headers()
    var rest = part
    while true {
      guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      var line = rest[..<end]
      rest = rest[(end + 1)...]
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      if line.isEmpty { return (headers, rest) }
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
      let value = line[(colon + 1)...].drop { $0 == UInt8(ascii: " ") }
      headers.add(String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
    }
  }
}
