/// What went wrong with one try.
package enum Setback: Hashable, Sendable {
  case status(Int, retryAfter: Duration?)
  case transport(isRetryable: Bool, isUnreachable: Bool)
  /// An answer that ended too early, or made no headway.
  case incomplete
  /// Gave way to somebody who changes the same thing; nothing was done.
  case aborted

  /// Whether the server may have done what was asked, although no answer says so.
  package var isAmbiguous: Bool {
    switch self {
    // Too many requests: refused before anything was done.
    case .status(429, _): false
    case .status(let status, _): RetryPolicy.retryable.contains(status)
    case .transport(_, let isUnreachable): !isUnreachable
    case .incomplete: true
    case .aborted: false
    }
  }
}

/// When to try again, and when to give up: a decision without a clock.
public struct RetryPolicy: Hashable, Sendable {
  /// The statuses after which the same request may succeed.
  package static let retryable: Set = [408, 429, 500, 502, 503, 504]

  /// The longest wait after the first try; doubles with each further one.
  public var firstDelay = Duration.seconds(1)
  public var maximumDelay = Duration.seconds(60)
  /// How long to go on after the first setback without any headway.
  public var deadline = Duration.seconds(120)
  /// How many tries without a connection: a machine that is offline should say so soon.
  public var unreachableTries = 4

  public init() {}

  /// How long to wait before the next try; nil to give up.
  ///
  /// - Parameters:
  ///   - tries: tries so far, at least 1.
  ///   - elapsed: since the first setback, or the first one behind the last headway.
  ///   - fraction: from 0 to 1, chosen at random: full jitter, so that robots don't come back together.
  ///   - hadProgress: whether the server was reached before: then it is not this machine that is offline.
  package func delay(
    after setback: Setback, tries: Int, elapsed: Duration, fraction: Double, hadProgress: Bool = false
  ) -> Duration? {
    var least = Duration.zero
    switch setback {
    case .status(let status, let retryAfter):
      guard Self.retryable.contains(status) else { return nil }
      least = retryAfter ?? .zero
    case .transport(let isRetryable, let isUnreachable):
      guard isRetryable, !isUnreachable || hadProgress || tries < unreachableTries else { return nil }
    case .incomplete, .aborted: break
    }
    let longest = min(maximumDelay, firstDelay * (1 << min(max(tries - 1, 0), 16)))
    // The jitter comes on top of what the server asks for: many robots are told the same.
    let delay = least + longest * min(max(fraction, 0), 1)
    return elapsed + delay <= deadline ? delay : nil
  }
}
