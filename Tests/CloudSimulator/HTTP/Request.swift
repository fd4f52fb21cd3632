/// One HTTP request, whatever carried it here.
package struct Request: Sendable {
  package let method: String
  /// The path and query as they were sent.
  package let target: String
  /// The path's segments, decoded one by one, so that a `%2F` stays in its segment.
  package let path: [String]
  package let query: Query
  package let headers: Headers
  package var body: ByteStore
  /// False where the connection broke before the body's end; the body has what arrived.
  package var isBodyComplete = true

  /// Nil where the target is not a path that can be decoded.
  package init?(method: String, target: String, headers: Headers = Headers(), body: ByteStore = ByteStore()) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
    let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = halves.first, first.hasPrefix("/") else { return nil }
    var path: [String] = []
    for segment in first.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let segment = PercentEncoding.decode(segment) else { return nil }
      path.append(segment)
    }
    guard let query = Query(parsing: halves.count == 2 ? halves[1] : "") else { return nil }
    self.path = path
    self.query = query
  }

  /// Where the client believes this server to be: links in answers begin with it.
  package var baseURL: String { "http://\(headers["Host"] ?? "127.0.0.1")" }

  /// Whether the answer is an object's bytes, whose errors are no JSON.
  package var wantsMedia: Bool { query["alt"] == "media" }
}
