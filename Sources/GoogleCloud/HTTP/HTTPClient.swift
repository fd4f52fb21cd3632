import CLibCurl
import Synchronization

/// Makes HTTP requests with libcurl, each on the thread that asks.
///
/// Connections are kept and used again. Proxies come from the environment, as libcurl reads it. Nothing is retried
/// here, no redirect is followed, and certificates are always checked.
public final class HTTPClient: Sendable {
  public let configuration: HTTPConfiguration
  public let cancellation: Cancellation
  private let counter = TrafficCounter()
  private let idle = Mutex<[EasyHandle]>([])
  private static let maximumIdle = 16

  public init(_ configuration: HTTPConfiguration, cancellation: Cancellation = Cancellation()) {
    self.configuration = configuration
    self.cancellation = cancellation
  }

  /// What this client sent and received so far.
  public var traffic: Traffic { counter.traffic }

  /// Sends a request and waits for the whole answer, of at most ``HTTPRequest/answerLimitBytes``.
  package func perform(_ request: HTTPRequest) throws(HTTPFailure) -> HTTPResponse {
    try perform(request, accept: { _ in false }, into: { _ in })
  }

  /// Sends a request, and the answer's body into a sink where `accept` says so of the answer's head.
  ///
  /// When this returns, the body had the length that the server said; a body that broke off is a
  /// ``HTTPFailure/transport(_:)``, after the pieces that came.
  package func perform(
    _ request: HTTPRequest, accept: (HTTPResponse) throws -> Bool,
    into sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws(HTTPFailure) -> HTTPResponse {
    let result = withoutActuallyEscaping(accept) { accept in
      withoutActuallyEscaping(sink) { sink in
        let transfer = Transfer(
          request, cancellation: cancellation, traffic: counter, accept: accept, sink: sink)
        return Result { () throws(HTTPFailure) in try run(transfer, request) }
      }
    }
    return try result.get()
  }

  private func run(_ transfer: Transfer, _ request: HTTPRequest) throws(HTTPFailure) -> HTTPResponse {
    guard !cancellation.isCancelled else { throw HTTPFailure.cancelled }
    let handle: EasyHandle
    if let kept = idle.withLock({ $0.popLast() }) { handle = kept } else { handle = try EasyHandle() }
    defer { putBack(handle) }
    let headers = HeaderList()
    try handle.prepare(request, configuration, headers: headers)
    try transfer.attach(to: handle)
    counter.countRequest()
    let code = withExtendedLifetime((transfer, headers)) { handle.perform() }
    let headBytes = handle.requestHeadBytes
    counter.count(out: headBytes)

    if let failure = transfer.failure { throw failure }
    if cancellation.isCancelled, code == CURLE_ABORTED_BY_CALLBACK { throw HTTPFailure.cancelled }
    guard code == CURLE_OK, let response = try transfer.finish() else {
      throw HTTPFailure.transport(
        TransportFailure(
          code: Int32((code == CURLE_OK ? CURLE_PARTIAL_FILE : code).rawValue),
          text: code == CURLE_OK ? "the answer broke off in its head" : handle.explanation(of: code),
          host: request.address.host,
          isUnreachable: headBytes == 0))
    }
    return response
  }

  private func putBack(_ handle: EasyHandle) {
    idle.withLock { if $0.count < Self.maximumIdle { $0.append(handle) } }
  }
}
