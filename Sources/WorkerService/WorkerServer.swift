import Dispatch
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
public import RegistryModel
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Serves HTTP/1.1: `POST` to any path is a request for `answer`, and `GET /healthz` says that the service is there.
///
/// There is no TLS and no check of who sends: both are the platform's before it (Cloud Run, a proxy), or nobody but this
/// machine reaches the address.
public struct WorkerServer: Sendable {
  /// Called on threads of its own, which may block.
  public typealias Answer = @Sendable (ServerRequest) -> ServerAnswer

  private let host: String
  private let port: Int
  private let limits: ServerLimits
  private let answer: Answer

  /// - Parameter port: 0 takes any that is free.
  public init(
    host: String, port: Int, limits: ServerLimits = ServerLimits(), answer: @escaping Answer
  ) {
    self.host = host
    self.port = port
    self.limits = limits
    self.answer = answer
  }

  /// Serves until SIGTERM or SIGINT, and returns when the requests that were under way are answered.
  ///
  /// Blocks its thread, which must not be one of Swift's pool.
  ///
  /// - Parameters:
  ///   - listening: is told the port.
  ///   - stopping: is called as soon as it is told to stop, before requests that are under way have ended.
  /// - Throws: `failed` where the address can't be had.
  public func run(
    listening: @escaping @Sendable (Int) -> Void, stopping: @escaping @Sendable () -> Void
  ) throws(RegistryError) {
    let failure = Mutex<RegistryError?>(nil)
    let isOver = DispatchSemaphore(value: 0)
    Task.detached {
      do {
        try await serve(listening, stopping)
      } catch {
        failure.withLock {
          $0 = RegistryError(
            .failed, "\(host):\(port) can't be served: \(error)",
            hint: "see who has the port, or choose another with --listen")
        }
      }
      isOver.signal()
    }
    isOver.wait()
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  private func serve(
    _ listening: @escaping @Sendable (Int) -> Void, _ stopping: @escaping @Sendable () -> Void
  ) async throws {
    let threads = NIOThreadPool(numberOfThreads: limits.threads)
    threads.start()
    // Nothing of it belongs on the standard output, which has documents.
    let silence = Logger(label: "worker") { _ in SwiftLogNoOpLogHandler() }
    let application = Application(
      responder: EventResponder(limits: limits, threads: threads, answer: answer),
      server: .http1(
        configuration: HTTP1Channel.Configuration(
          idleTimeout: .seconds(limits.idleSeconds),
          httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
            maxHeaderFieldCount: 100))),
      configuration: ApplicationConfiguration(
        address: .hostname(host, port: port),
        availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: silence)),
      onServerRunning: { listening($0.localAddress?.port ?? port) }, logger: silence)
    var configuration = ServiceGroupConfiguration(
      services: [
        ServiceGroupConfiguration.ServiceConfiguration(service: application),
        // Last in, first told.
        ServiceGroupConfiguration.ServiceConfiguration(service: StopNotice(stopping: stopping)),
      ], gracefulShutdownSignals: [.sigterm, .sigint], logger: silence)
    configuration.maximumGracefulShutdownDuration = .seconds(limits.stopSeconds)
    defer { threads.shutdownGracefully { _ in } }
    try await ServiceGroup(configuration: configuration).run()
  }
}

/// Says that the service is told to stop.
private struct StopNotice: Service {
  let stopping: @Sendable () -> Void

  func run() async throws {
    try? await gracefulShutdown()
    stopping()
  }
}
