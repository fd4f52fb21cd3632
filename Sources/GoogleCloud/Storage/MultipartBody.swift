import RegistryModel

/// Metadata and bytes of an object in one body, `multipart/related` (RFC 2387).
struct MultipartBody {
  static let contentType = "application/octet-stream"

  let boundary: String
  let stream: HTTPBodyStream

  init(_ metadata: JSONValue, _ source: any ObjectSource) {
    let boundary = (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
    let head = Array(
      """
      --\(boundary)\r
      Content-Type: application/json; charset=UTF-8\r
      \r
      \(metadata.canonicalText)\r
      --\(boundary)\r
      Content-Type: \(Self.contentType)\r
      \r

      """.utf8)
    let tail = Array("\r\n--\(boundary)--\r\n".utf8)
    let bytes = source.bytes
    self.boundary = boundary
    stream = HTTPBodyStream(bytes: Int64(head.count + tail.count) + bytes) { offset, buffer in
      let inside = offset - Int64(head.count)
      if inside < 0 { return Self.copy(head, from: Int(offset), into: buffer) }
      if inside >= bytes { return Self.copy(tail, from: Int(inside - bytes), into: buffer) }
      let room = Int(min(bytes - inside, Int64(buffer.count)))
      return try source.read(at: inside, into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(room)))
    }
  }

  var header: String { "multipart/related; boundary=\(boundary)" }

  private static func copy(_ bytes: [UInt8], from offset: Int, into buffer: UnsafeMutableRawBufferPointer)
    -> Int
  {
    let piece = bytes[offset...].prefix(buffer.count)
    buffer.copyBytes(from: piece)
    return piece.count
  }
}
