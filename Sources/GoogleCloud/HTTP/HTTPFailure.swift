package import RegistryModel

/// Why there is no answer.
package enum HTTPFailure: Error {
  /// The network, the server's certificate, or a body that broke off.
  case transport(TransportFailure)
  case cancelled
  /// The server sent more than what was asked for can have.
  case tooLarge(limitBytes: Int, host: String)
  /// libcurl can't do what the request needs.
  case unusable(String)
  /// What the source of the body, or the receiver of the answer, threw.
  case local(any Error)
}

/// What libcurl says of a transfer that failed.
package struct TransportFailure: Error, Hashable {
  /// A `CURLcode`.
  package let code: Int32
  package let text: String
  package let host: String
  /// Whether the server can't have seen the request: none of it was sent.
  package let isUnreachable: Bool

  /// Whether the same request may go better in a moment. A certificate that doesn't fit never does.
  package var isRetryable: Bool { Self.retryable.contains(code) }

  // Resolving the proxy's or host's name, connecting; a partial body, time-out, TLS, nothing got, sending, receiving, a
  // body to be sent twice, a socket that isn't ready.
  private static let retryable: Set<Int32> = [5, 6, 7, 18, 28, 35, 52, 55, 56, 65, 81]
}

extension HTTPFailure {
  /// As the user reads it.
  ///
  /// - Parameter action: what was tried, such as `read gs://bucket/name`; without secrets.
  package func asRegistryError(_ action: String) -> RegistryError {
    switch self {
    case .transport(let failure):
      RegistryError(
        .remote, "can't \(action): \(failure.host): \(failure.text)", unchanged: Self.unchanged,
        hint: failure.isRetryable
          ? "check the network and the proxy settings, then run it again"
          : "check the address, the clock and the certificates of this machine")
    case .cancelled:
      RegistryError(
        .cancelled, "\(action) was stopped", unchanged: Self.unchanged, hint: "run it again to go on")
    case .tooLarge(let limitBytes, let host):
      RegistryError(
        .remote, "can't \(action): \(host) sent more than \(limitBytes) bytes where little was expected",
        unchanged: Self.unchanged, hint: "check that the address is the store's, and no other server's")
    case .unusable(let problem):
      RegistryError(
        .failed, "can't \(action): libcurl: \(problem)", hint: "check the libcurl that is installed")
    case .local(let error as RegistryError): error
    case .local(let error):
      RegistryError(
        .failed, "can't \(action): \(error)", hint: "correct what the message says, then run it again")
    }
  }

  private static var unchanged: String { "what was transferred stays where it is" }
}
