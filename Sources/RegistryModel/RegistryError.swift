/// Why a request was not done: what happened, what is unchanged, and what to do next.
///
/// Every error that reaches a user is one of these, so that nobody has to guess whether something was lost.
/// ``code`` decides the exit code and the HTTP status; ``Code/actor`` says who must act.
public struct RegistryError: Error, Hashable, Sendable {
  /// The kind of failure; raw values are stable and appear in JSON.
  public enum Code: String, CaseIterable, Sendable {
    /// Anything that fits none of the others, an I/O error for instance.
    case failed
    /// The named thing isn't here, or nothing is active.
    case notFound = "not_found"
    /// A rule forbids it: protected, gate, requires, conflict, blocked, newer schema, stale generation.
    case refused
    /// Bytes do not match their digest, or a document is malformed.
    case integrity
    /// No blocks or no inodes left.
    case noSpace = "no_space"
    /// The network or the remote.
    case remote
    /// Permission, credentials or owner.
    case permission
    /// A bad name, reference or option.
    case usage
    /// Somebody else holds a lock.
    case busy
    /// Whoever asked for it told it to stop.
    case cancelled
  }

  /// Who has to do something about it.
  public enum Actor: String, Sendable { case user, environment, publisher, integrity }

  public let code: Code
  /// What happened, a clause without a final full stop.
  public let message: String
  /// What is unchanged.
  public let unchanged: String
  /// What to do next.
  public let hint: String

  public init(_ code: Code, _ message: String, unchanged: String = "nothing was changed", hint: String) {
    self.code = code
    self.message = message
    self.unchanged = unchanged
    self.hint = hint
  }
}

extension RegistryError.Code {
  public var actor: RegistryError.Actor {
    switch self {
    case .notFound, .usage, .refused, .cancelled: .user
    case .failed, .noSpace, .remote, .permission, .busy: .environment
    case .integrity: .integrity
    }
  }
}

extension RegistryError: CustomStringConvertible {
  /// The line that people read: what happened; what is unchanged; what to do.
  public var description: String { "\(message); \(unchanged); \(hint)" }
}
