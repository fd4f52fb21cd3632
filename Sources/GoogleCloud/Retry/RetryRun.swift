/// The tries of one call: waits between them, and says when to give up.
struct RetryRun {
  private let policy: RetryPolicy
  private let clock: RequestClock
  /// When trouble began: a try may take hours before its first setback, and a second one is due all the same.
  private var began: Duration?
  private var tries = 0
  /// Whether the server was there a moment ago: then a connection that fails is an outage, and worth the whole deadline.
  private var hadProgress = false
  /// Whether an earlier try may have been carried out, although no answer says so.
  private(set) var isAmbiguous = false

  init(_ policy: RetryPolicy, _ clock: RequestClock) {
    self.policy = policy
    self.clock = clock
  }

  /// Waits as long as the policy says; false when it is time to give up, without a wait.
  mutating func pause(after setback: Setback) -> Bool {
    tries += 1
    isAmbiguous = isAmbiguous || setback.isAmbiguous
    let now = clock.now()
    let elapsed = now - (began ?? now)
    began = began ?? now
    guard
      let delay = policy.delay(
        after: setback, tries: tries, elapsed: elapsed, fraction: clock.fraction(),
        hadProgress: hadProgress)
    else { return false }
    clock.sleep(delay)
    return true
  }

  /// Headway was made: the deadline and the waits begin anew.
  mutating func progress() {
    began = nil
    tries = 0
    hadProgress = true
  }
}

extension Setback {
  /// What an answer means; nil where it is one that a further try wouldn't change.
  init?(_ response: HTTPResponse, _ clock: RequestClock) {
    guard RetryPolicy.retryable.contains(response.status) else { return nil }
    let delay = RetryAfter.delay(response.headers["Retry-After"], now: clock.date())
    self = .status(response.status, retryAfter: delay)
  }

  /// What a failure means; nil where it has nothing to do with the network.
  init?(_ failure: HTTPFailure) {
    guard case .transport(let transport) = failure else { return nil }
    self = .transport(isRetryable: transport.isRetryable, isUnreachable: transport.isUnreachable)
  }
}

extension HTTPClient {
  /// Sends a request until it is answered with something that a further try wouldn't change, or time is up.
  ///
  /// For requests only that may be carried out twice.
  func performRetrying(
    _ request: HTTPRequest, _ policy: RetryPolicy, _ clock: RequestClock
  ) throws(HTTPFailure) -> HTTPResponse {
    var run = RetryRun(policy, clock)
    while true {
      do {
        let response = try perform(request)
        guard let setback = Setback(response, clock), run.pause(after: setback) else { return response }
      } catch {
        guard let setback = Setback(error), run.pause(after: setback) else { throw error }
      }
    }
  }
}
