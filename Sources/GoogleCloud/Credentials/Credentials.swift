package import RegistryModel
import Synchronization

/// Who asks: keeps the access token, and gets the next one ahead of time.
public final class Credentials: Sendable {
  /// Without any token, for emulators and public buckets.
  public static let anonymous = Credentials(nil, RequestClock.system(Cancellation()))

  /// How long before its end a token is replaced.
  private static let leadMilliseconds: Int64 = 225_000
  /// How long a failure answers for those who waited for the same token.
  private static let failureSpan = Duration.seconds(2)

  private struct State {
    var token: AccessToken?
    var failure: (error: RegistryError, at: Duration)?
  }

  private let source: (any TokenSource)?
  private let clock: RequestClock
  private let state = Mutex(State())

  package init(_ source: (any TokenSource)?, _ clock: RequestClock) {
    self.source = source
    self.clock = clock
  }

  /// Whose credentials these are, for messages.
  public var account: String { source?.account ?? "nobody (no credentials are used)" }

  public var isAnonymous: Bool { source == nil }

  /// A token that is good for some minutes; nil where none is used.
  ///
  /// One caller gets a new one while the others wait for it. A token that still holds is used when no new one can be had.
  package func token() throws(RegistryError) -> AccessToken? {
    guard let source else { return nil }
    return try state.withLock { (state) throws(RegistryError) in
      let now = clock.date().milliseconds
      if let token = state.token, token.expiresAt.milliseconds - Self.leadMilliseconds > now { return token }
      if let failure = state.failure, clock.now() - failure.at < Self.failureSpan { throw failure.error }
      do throws(RegistryError) {
        let token = try source.fetch()
        state = State(token: token)
        return token
      } catch {
        if let token = state.token, token.expiresAt.milliseconds > now { return token }
        state.failure = (error, clock.now())
        throw error
      }
    }
  }

  /// Drops a token that a server refused, unless another took its place already.
  package func refuse(_ token: AccessToken) {
    state.withLock { if $0.token?.value == token.value { $0.token = nil } }
  }
}
