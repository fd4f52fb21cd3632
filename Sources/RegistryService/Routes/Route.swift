package import HTTPTypes
package import RegistryModel

/// One route: what it answers, who may ask, and how.
package struct Route: Sendable {
  /// Blocks: it is run on a thread of its own.
  package typealias Handler = @Sendable (ServiceCore, APIRequest) throws -> APIResponse

  package let method: HTTPRequest.Method
  package let path: PathTemplate
  package let access: Access
  package let body: BodyRule
  /// The names of the query's parameters.
  package let query: [String]
  /// Whether its handler never waits, so that it needs no thread of its own.
  package let isQuick: Bool
  /// Whether an answer is kept under the request's `Idempotency-Key`; never one with a secret, nor a stranger's.
  package let keepsAnswer: Bool
  /// Whether it goes before others, on threads of its own: what the robot's runtime does, and every way back. Nothing
  /// that hashes for long or waits for a gate, or the way back and the sign of life would wait for it.
  package let isUrgent: Bool
  package let handler: Handler

  package init(
    _ method: HTTPRequest.Method, _ path: PathTemplate, _ access: Access, query: [String] = [],
    body: BodyRule = .none, isQuick: Bool = false, isUrgent: Bool = false, hasSecrets: Bool = false,
    _ handler: @escaping Handler
  ) {
    self.method = method
    self.path = path
    self.access = access
    self.query = query
    self.body = body
    self.isQuick = isQuick
    self.isUrgent = isUrgent || access == .runtime
    keepsAnswer = method == .post && !hasSecrets && access != .open
    self.handler = handler
  }
}

/// Who may use a route.
package enum Access: Hashable, Sendable {
  /// Anybody who reaches the address: it says nothing of the store.
  case open
  case scope(TokenScope)
  /// Whoever makes versions: `operate` or `train`.
  case work
  /// What the robot's runtime does: `operate`, or anybody whom the control socket lets in.
  case runtime
}

/// What may come with a request.
package enum BodyRule: Hashable, Sendable {
  case none
  /// A document, at most a mebibyte, kept in memory.
  case document
  /// A form of the page, at most 64 KiB.
  case form
  /// An archive, kept in a file meanwhile.
  case archive
}
