/// A request whose body has come whole.
public struct ServerRequest: Sendable {
  public let headers: [(name: String, value: String)]
  public let body: [UInt8]
}

/// What a request is answered with; the text is plain, and none goes with 204.
public struct ServerAnswer: Sendable {
  public let status: Int
  public let text: String
  public let retryAfterSeconds: Int?

  public init(_ status: Int, _ text: String, retryAfterSeconds: Int? = nil) {
    self.status = status
    self.text = text
    self.retryAfterSeconds = retryAfterSeconds
  }
}
