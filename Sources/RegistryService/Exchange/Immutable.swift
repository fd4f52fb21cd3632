import Foundation
import HTTPTypes
import RegistryModel

/// Answers with bytes that never change under their name: with their digest as the ETag, and in parts where asked
/// (RFC 9110, sections 13 and 14).
enum Immutable {
  /// Bytes in memory, whole.
  static func answer(_ request: APIRequest, digest: Digest, body: APIResponse.Body) throws -> APIResponse {
    let headers = headers(digest)
    if isKnown(request, digest) { return APIResponse(.notModified, headers: headers) }
    return APIResponse(headers: headers, body: body)
  }

  /// A file, whole or the one range that is asked for. Of several ranges none is taken, which is allowed: all is sent.
  static func answer(_ request: APIRequest, digest: Digest, file: some SentFile) throws -> APIResponse {
    var headers = headers(digest)
    headers[.acceptRanges] = "bytes"
    if isKnown(request, digest) { return APIResponse(.notModified, headers: headers) }
    headers[.contentType] = "application/octet-stream"
    // A name that a version's author chose is no name for a browser to open.
    headers[.contentDisposition] = "attachment"
    // RFC 9110, 14.2: a range is for GET alone.
    guard request.method == .get, let text = request.header(.range), isRangeWanted(request, digest),
      let range = try ByteRange.parse(text, of: file.bytes)
    else { return APIResponse(headers: headers, body: .file(FileBody(file: file, range: 0..<file.bytes))) }
    switch range {
    case .none:
      let problem = Problem(
        .rangeNotSatisfiable, .usage, "the file has \(file.bytes) bytes", hint: "ask for a part of it",
        headers: [.contentRange: "bytes */\(file.bytes)"])
      return problem.response(instance: request.path, request: request.id)
    case .part(let part):
      headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(file.bytes)"
      return APIResponse(.partialContent, headers: headers, body: .file(FileBody(file: file, range: part)))
    }
  }

  private static func headers(_ digest: Digest) -> HTTPFields {
    var headers = HTTPFields()
    headers[.eTag] = tag(digest)
    // A reference may name another version tomorrow: a copy is good, but is asked about.
    headers[.cacheControl] = "private, no-cache"
    headers[.reprDigest] = "sha-256=:\(Data(digest.bytes).base64EncodedString()):"
    return headers
  }

  private static func tag(_ digest: Digest) -> String { "\"\(digest.hex)\"" }

  private static func isKnown(_ request: APIRequest, _ digest: Digest) -> Bool {
    guard let text = request.header(.ifNoneMatch) else { return false }
    return text.split(separator: ",").contains { part in
      let tag = part.drop { $0 == " " }
      return tag == "*" || tag == Self.tag(digest) || tag == "W/\(Self.tag(digest))"
    }
  }

  /// With `If-Range` a part is sent of these bytes only.
  private static func isRangeWanted(_ request: APIRequest, _ digest: Digest) -> Bool {
    request.header(.ifRange).map { $0 == tag(digest) } ?? true
  }
}

/// What a `Range` header asks of a file.
enum ByteRange: Hashable {
  /// Nothing that is there.
  case none
  case part(Range<Int64>)

  /// - Returns: nil where all is to be sent: another unit, several ranges, or no range at all (RFC 9110, 14.2).
  static func parse(_ text: String, of length: Int64) throws -> ByteRange? {
    guard let spec = text.afterPrefix("bytes="), !spec.contains(","),
      let dash = spec.utf8.firstIndex(of: UInt8(ascii: "-"))
    else { return nil }
    let (first, last) = (String(spec[..<dash]), String(spec[spec.index(after: dash)...]))
    func number(_ text: String) -> Int64? {
      guard 1...18 ~= text.utf8.count, text.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
      return Int64(text)
    }
    if first.isEmpty {
      guard let count = number(last) else { return nil }
      return count == 0 || length == 0 ? ByteRange.none : .part(max(0, length - count)..<length)
    }
    guard let start = number(first), last.isEmpty || number(last) != nil else { return nil }
    let end = min(number(last) ?? Int64.max - 1, length - 1)
    guard last.isEmpty || start <= number(last) ?? 0 else { return nil }
    return start < length ? .part(start..<(end + 1)) : ByteRange.none
  }
}
