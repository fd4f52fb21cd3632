package import HTTPTypes
package import RegistryModel

/// What a request is answered with.
package struct APIResponse: Sendable {
  package enum Body: Sendable {
    case none
    case bytes([UInt8], type: String)
    /// A part of a file, read piece by piece while it is sent.
    case file(FileBody)
    /// Events, as long as both sides stay.
    case events(EventFeed)
  }

  package var status: HTTPResponse.Status
  package var headers: HTTPFields
  package var body: Body

  package init(_ status: HTTPResponse.Status = .ok, headers: HTTPFields = HTTPFields(), body: Body = .none) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// A document, in canonical form.
  package static func json(
    _ value: JSONValue, _ status: HTTPResponse.Status = .ok, headers: HTTPFields = HTTPFields()
  ) -> APIResponse {
    APIResponse(
      status, headers: headers, body: .bytes(Array(value.canonicalText.utf8), type: "application/json"))
  }

  package static func text(
    _ text: String, _ status: HTTPResponse.Status = .ok, type: String = "text/plain; charset=utf-8"
  ) -> APIResponse {
    APIResponse(status, body: .bytes(Array(text.utf8), type: type))
  }

  /// The page that stands elsewhere, asked for with GET.
  package static func seeOther(_ path: String, headers: HTTPFields = HTTPFields()) -> APIResponse {
    var response = APIResponse(.seeOther, headers: headers)
    response.headers[.location] = path
    return response
  }
}

/// A part of a file that is sent; the file stays open until then.
package struct FileBody: Sendable {
  package let file: any SentFile
  package let range: Range<Int64>

  package init(file: any SentFile, range: Range<Int64>) {
    self.file = file
    self.range = range
  }
}

/// Bytes that can be read at any place, by several threads.
package protocol SentFile: Sendable {
  var bytes: Int64 { get }
  /// Reads up to the buffer's size; 0 at the end.
  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(RegistryError) -> Int
}
