/// What to send, and how much of an answer to take.
package struct HTTPRequest: Sendable {
  package enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
  }

  package var method: Method
  package var address: HTTPAddress
  package var headers: HTTPHeaders
  package var body: HTTPBody
  /// The most bytes of an answer that is kept in memory.
  package var answerLimitBytes = 1 << 20
  /// How long nothing may come, where the client's own setting is too short for this request.
  package var silenceSeconds: Int?
  /// Goes to a server of this machine or its host: past every proxy, and without the configured headers.
  package var isLocal = false
  /// A socket of this machine to connect to, whatever host the address names.
  package var socketPath: String?

  package init(
    _ method: Method, _ address: HTTPAddress, headers: HTTPHeaders = [:], body: HTTPBody = .none
  ) {
    self.method = method
    self.address = address
    self.headers = headers
    self.body = body
  }
}

package enum HTTPBody: Sendable {
  /// No body; a method that has one by its nature says that its length is 0.
  case none
  case bytes([UInt8])
  case stream(HTTPBodyStream)

  var bytes: Int64 {
    switch self {
    case .none: 0
    case .bytes(let bytes): Int64(bytes.count)
    case .stream(let stream): stream.bytes
    }
  }
}

/// A body that is read while it is sent, and again from its beginning by every further try.
package struct HTTPBodyStream: Sendable {
  /// Exactly how many bytes there are; a source that ends before is an error, and none of it is taken for the whole.
  package let bytes: Int64
  /// Fills the buffer from an offset on; the number of bytes, 0 only at the end.
  let read: @Sendable (_ offset: Int64, _ buffer: UnsafeMutableRawBufferPointer) throws -> Int

  package init(
    bytes: Int64,
    read: @escaping @Sendable (_ offset: Int64, _ buffer: UnsafeMutableRawBufferPointer) throws -> Int
  ) {
    self.bytes = bytes
    self.read = read
  }
}
