import GoogleCloud
import RegistryModel
import Testing

@Suite struct RetryTests {
  private let policy = RetryPolicy()

  @Test func `waits double up to a minute, and chance decides how much of it`() {
    let setback = Setback.status(503, retryAfter: nil)
    let delays = (1...8).map { policy.delay(after: setback, tries: $0, elapsed: .zero, fraction: 1) }
    #expect(delays == [1, 2, 4, 8, 16, 32, 60, 60].map { Duration.seconds($0) })
    #expect(policy.delay(after: setback, tries: 3, elapsed: .zero, fraction: 0) == .zero)
    #expect(policy.delay(after: setback, tries: 3, elapsed: .zero, fraction: 0.5) == .seconds(2))
    #expect(policy.delay(after: setback, tries: 1_000_000, elapsed: .zero, fraction: 1) == .seconds(60))
  }

  @Test(arguments: [200, 304, 308, 400, 401, 403, 404, 409, 410, 412, 416, 499, 501])
  func `an answer that stays the same is not asked for again`(_ status: Int) {
    #expect(
      policy.delay(after: .status(status, retryAfter: nil), tries: 1, elapsed: .zero, fraction: 1) == nil)
  }

  @Test(arguments: [408, 429, 500, 502, 503, 504]) func `trouble of the server passes`(_ status: Int) {
    #expect(
      policy.delay(after: .status(status, retryAfter: nil), tries: 1, elapsed: .zero, fraction: 1) != nil)
  }

  @Test func `a wait that would end behind the deadline is the end`() {
    let setback = Setback.incomplete
    #expect(policy.delay(after: setback, tries: 1, elapsed: .seconds(119), fraction: 1) == .seconds(1))
    #expect(policy.delay(after: setback, tries: 1, elapsed: .seconds(120), fraction: 1) == nil)
    let later = Setback.status(503, retryAfter: .seconds(300))
    #expect(policy.delay(after: later, tries: 1, elapsed: .zero, fraction: 1) == nil)
  }

  @Test func `what the server asks for is the least`() {
    let setback = Setback.status(429, retryAfter: .seconds(20))
    #expect(policy.delay(after: setback, tries: 1, elapsed: .zero, fraction: 0) == .seconds(20))
  }

  @Test func `an outage in the middle is worth the whole deadline`() {
    let gone = Setback.transport(isRetryable: true, isUnreachable: true)
    func delay(_ tries: Int, _ hadProgress: Bool) -> Duration? {
      policy.delay(after: gone, tries: tries, elapsed: .seconds(20), fraction: 0, hadProgress: hadProgress)
    }
    #expect(delay(5, false) == nil && delay(5, true) != nil)
  }

  @Test func `a machine that is offline says so soon`() {
    let offline = Setback.transport(isRetryable: true, isUnreachable: true)
    #expect(policy.delay(after: offline, tries: 3, elapsed: .zero, fraction: 1) != nil)
    #expect(policy.delay(after: offline, tries: 4, elapsed: .zero, fraction: 1) == nil)
    let untrusted = Setback.transport(isRetryable: false, isUnreachable: false)
    #expect(policy.delay(after: untrusted, tries: 1, elapsed: .zero, fraction: 1) == nil)
  }

  @Test func `only what the server may have seen is ambiguous`() {
    #expect(Setback.transport(isRetryable: true, isUnreachable: false).isAmbiguous)
    #expect(!Setback.transport(isRetryable: true, isUnreachable: true).isAmbiguous)
    #expect(Setback.status(503, retryAfter: nil).isAmbiguous)
    #expect(!Setback.status(429, retryAfter: nil).isAmbiguous)
  }

  @Test func `Retry-After has seconds or a date`() throws {
    let now = try Timestamp(parsing: "1994-11-06T08:49:07Z")
    #expect(RetryAfter.delay(" 7 ", now: now) == .seconds(7))
    #expect(RetryAfter.delay("Sun, 06 Nov 1994 08:49:37 GMT", now: now) == .seconds(30))
    #expect(RetryAfter.delay("Sun, 06 Nov 1994 08:00:00 GMT", now: now) == .zero)
    #expect(RetryAfter.delay("99999999999999999999999", now: now) == nil)
    for text in ["", "soon", "-1", "1.5", "Sun, 06 Non 1994 08:49:37 GMT", "06 Nov 1994"] {
      #expect(RetryAfter.delay(text, now: now) == nil, "\(text)")
    }
    #expect(RetryAfter.delay(nil, now: now) == nil)
  }
}
