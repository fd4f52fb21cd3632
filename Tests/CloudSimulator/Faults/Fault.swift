/// One thing that goes wrong, and which requests it happens to.
package struct Fault: Hashable, Sendable {
  package enum Action: Hashable, Sendable {
    /// Answers this instead of doing what was asked; a body of the request is read first.
    case answer(FaultAnswer)
    /// Does what was asked, and answers this.
    case doThenAnswer(FaultAnswer)
    /// Does what was asked, and closes the connection without a word.
    case dropResponse
    /// Closes the connection when so many bytes of the request's body have come; an upload session keeps them.
    case closeRequest(afterBytes: Int64)
    /// Stops reading the request's body after so many bytes, and never answers.
    case stallRequest(afterBytes: Int64)
    /// Takes only so many bytes of a chunk, and tells the client how many are stored.
    case storePart(afterBytes: Int64)
    /// Flips a byte of the request's body.
    case corruptRequest(atByte: Int64)
    /// Closes the connection after so many bytes of the answer's body.
    case closeResponse(afterBytes: Int64)
    /// Sends so many bytes of the answer's body and nothing more, on a connection that stays open.
    case stallResponse(afterBytes: Int64)
    /// Flips a byte of the answer's body.
    case corruptResponse(atByte: Int64)
    /// Announces a length that is wrong by so many bytes, and closes the connection after the body.
    case wrongLength(byBytes: Int64)
    /// Sends bytes without end instead of the answer's body.
    case endlessBody
    /// Another client overwrites the object just before.
    case changeObject
    /// Something happens just before, such as another client's change; tests alone can say what.
    case meanwhile(FaultDeed)
    case delay(milliseconds: Int64)
  }

  package var action: Action
  package var kind: RequestKind?
  package var method: String?
  /// A part of the path as it was sent, with its query.
  package var pathContains: String?
  /// How many of the requests that match are left alone first.
  package var skip: Int
  /// How often it happens; nil is without end.
  package var times: Int?
  /// How likely it is for a request that matches; nil is always.
  package var probability: Double?

  package init(
    _ action: Action, on kind: RequestKind? = nil, method: String? = nil, pathContains: String? = nil,
    skip: Int = 0, times: Int? = 1, probability: Double? = nil
  ) {
    self.action = action
    self.kind = kind
    self.method = method
    self.pathContains = pathContains
    self.skip = skip
    self.times = times
    self.probability = probability
  }

  func matches(_ request: Request, _ kind: RequestKind) -> Bool {
    (self.kind.map { $0 == kind } ?? true) && (method.map { $0 == request.method } ?? true)
      && (pathContains.map { request.target.contains($0) } ?? true)
  }
}

/// What a test has happen between two requests; another for each one that is made.
package final class FaultDeed: Hashable, Sendable {
  let happen: @Sendable () -> Void

  package init(_ happen: @escaping @Sendable () -> Void) { self.happen = happen }

  package static func == (left: FaultDeed, right: FaultDeed) -> Bool { left === right }
  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// An answer that a fault gives.
package struct FaultAnswer: Hashable, Sendable {
  package var status: Int
  package var retryAfterSeconds: Int64?
  package var contentType: String
  package var body: String

  package init(
    _ status: Int, retryAfterSeconds: Int64? = nil, contentType: String = "text/html; charset=UTF-8",
    body: String = ""
  ) {
    self.status = status
    self.retryAfterSeconds = retryAfterSeconds
    self.contentType = contentType
    self.body = body
  }

  var reply: Reply {
    let retry = retryAfterSeconds.map { [("Retry-After", "\($0)")] } ?? []
    return .text(status, body, type: contentType, retry)
  }
}
