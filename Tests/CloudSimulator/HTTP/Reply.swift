package import RegistryModel

/// One HTTP answer.
package struct Reply: Sendable {
  package enum Body: Sendable {
    case bytes([UInt8])
    /// A part of stored bytes, which are read while they are sent.
    case stored(ByteStore, Range<Int64>)
  }

  package var status: Int
  package var headers: Headers
  package var body: Body

  package init(_ status: Int, _ headers: [(String, String)] = [], body: Body = .bytes([])) {
    self.status = status
    self.headers = Headers(headers)
    self.body = body
  }

  package static func json(_ status: Int, _ value: JSONValue, _ headers: [(String, String)] = []) -> Reply {
    Reply(
      status, [("Content-Type", "application/json; charset=UTF-8")] + headers,
      body: .bytes(value.canonicalBytes))
  }

  package static func text(
    _ status: Int, _ text: String, type: String = "text/plain; charset=utf-8",
    _ headers: [(String, String)] = []
  ) -> Reply {
    Reply(status, [("Content-Type", type)] + headers, body: .bytes(Array(text.utf8)))
  }

  package var bodyBytes: Int64 {
    switch body {
    case .bytes(let bytes): Int64(bytes.count)
    case .stored(_, let range): Int64(range.count)
    }
  }

  /// The whole body in memory: for tests and small answers.
  package func allBytes() throws -> [UInt8] {
    switch body {
    case .bytes(let bytes): bytes
    case .stored(let store, let range): try store.bytes(in: range)
    }
  }
}
