/// What a server answered. Any status is an answer; which of them are errors is the caller's to say.
package struct HTTPResponse: Sendable {
  package let status: Int
  package let headers: HTTPHeaders
  /// All bytes of the body; empty where they went into a sink.
  package internal(set) var body: [UInt8] = []

  package init(status: Int, headers: HTTPHeaders, body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  package var isSuccess: Bool { 200...299 ~= status }

  /// The media type without its parameters, in lower case.
  package var mediaType: String? {
    headers["Content-Type"].map { $0.prefix { $0 != ";" }.trimmedASCII.lowercased() }
  }
}
