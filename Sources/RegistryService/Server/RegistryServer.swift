import Dispatch
import Glibc
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import ModelRegistry
import NIOCore
import NIOPosix
import NIOSSL
package import RegistryModel
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Serves the registry over HTTP/1.1: at an address, and at the control socket.
package struct RegistryServer: Sendable {
  private let core: ServiceCore
  private let policy: ServicePolicy
  private let socketPath: String
  private let routes: RouteTable
  private let log: Logger

  package init(_ core: ServiceCore, _ policy: ServicePolicy, routes: RouteTable = .service, log: Logger) {
    self.core = core
    self.policy = policy
    self.routes = routes
    self.log = log
    socketPath = policy.socket ?? "\(core.store.root)/control.sock"
  }

  /// Serves until SIGTERM or SIGINT, and returns when what was under way has ended: requests are answered, long work stops
  /// at its next piece and goes on when it is asked for again.
  ///
  /// Blocks its thread, which must not be one of Swift's pool.
  /// - Parameters:
  ///   - listening: is told the port.
  ///   - alive: called about every second while the store can be looked at and urgent requests find a thread.
  ///   - stopping: called as soon as it is told to stop.
  /// - Throws: `refused` for an address that isn't protected; `failed` where it can't be had.
  package func run(
    listening: @escaping @Sendable (Int) -> Void, alive: @escaping @Sendable () -> Void,
    stopping: @escaping @Sendable () -> Void
  ) throws(RegistryError) {
    try policy.check(hasTokens: try !core.tokens.isEmpty())
    // What can't be removed now, on a card that is full or read-only, keeps nobody from serving.
    try? IncomingArchive.sweep(root: core.store.root)
    let outcome = Mutex<RegistryError?>(nil)
    let isOver = DispatchSemaphore(value: 0)
    Task.detached {
      do {
        try await serve(listening, alive, stopping)
      } catch {
        outcome.withLock { $0 = failure(error) }
      }
      isOver.signal()
    }
    isOver.wait()
    if let error = outcome.withLock(\.self) { throw error }
  }

  private func failure(_ error: any Error) -> RegistryError {
    error as? RegistryError
      ?? RegistryError(
        .failed, "\(policy.host):\(policy.port) or \(socketPath) can't be served: \(error)",
        hint: "see who has it, or choose another with --listen")
  }

  private func serve(
    _ listening: @escaping @Sendable (Int) -> Void, _ alive: @escaping @Sendable () -> Void,
    _ stopping: @escaping @Sendable () -> Void
  ) async throws {
    let threads = NIOThreadPool(numberOfThreads: policy.limits.threads)
    threads.start()
    let urgentThreads = NIOThreadPool(numberOfThreads: policy.limits.urgentThreads)
    urgentThreads.start()
    defer {
      threads.shutdownGracefully { _ in }
      urgentThreads.shutdownGracefully { _ in }
    }
    let control = try ControlSocket(socketPath, group: policy.socketGroup)
    let pulse = Pulse(urgentThreads, alive)
    let watch = StateWatch(core, log: log, alive: pulse.beat)
    let silence = Logger(label: "http") { _ in SwiftLogNoOpLogHandler() }
    let readiness = Readiness(listening)
    let address = try application(
      .hostname(policy.host, port: policy.port), isControl: false, (threads, urgentThreads), silence
    ) { channel in
      readiness.addressIsOpen(channel.localAddress?.port ?? policy.port)
    }
    let socket = try application(
      .unixDomainSocket(path: socketPath), isControl: true, (threads, urgentThreads), silence
    ) { _ in
      if let problem = control.open() {
        log.error("only the store's owner gets in", metadata: ["problem": "\(problem)"])
      }
      readiness.socketIsOpen()
    }
    let services: [any Service] = [
      address, socket, StopNotice { stop(watch, stopping) },
    ]
    var group = ServiceGroupConfiguration(
      services: services.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) },
      gracefulShutdownSignals: [.sigterm, .sigint], logger: silence)
    group.maximumGracefulShutdownDuration = .seconds(policy.limits.stopSeconds)
    watch.begin()
    defer { watch.end() }
    try await ServiceGroup(configuration: group).run()
  }

  private func stop(_ watch: StateWatch, _ stopping: () -> Void) {
    stopping()
    watch.end()
    core.events.close()
    if !core.operations.close(waitingAtMost: Double(policy.limits.stopSeconds) / 2) {
      log.warning("some work is left in the middle; it goes on when it is asked for again")
    }
  }

  private func application(
    _ address: BindAddress, isControl: Bool, _ threads: (NIOThreadPool, NIOThreadPool), _ silence: Logger,
    _ running: @escaping @Sendable (any Channel) -> Void
  ) throws -> some ApplicationProtocol {
    let responder = RegistryResponder(
      core: core, routes: routes,
      gatekeeper: Gatekeeper(
        tokens: core.tokens, sessions: core.sessions, ownerID: geteuid(),
        isBehindProxy: policy.isBehindTLSProxy),
      hostRule: HostRule(listening: policy.host, configured: policy.hosts), limits: policy.limits,
      threads: threads.0, urgentThreads: threads.1, isControl: isControl, log: log)
    return Application(
      responder: responder, server: try isControl ? http : encrypted(http),
      configuration: ApplicationConfiguration(
        address: address,
        availableConnectionsDelegate: MaximumAvailableConnections(
          isControl ? 64 : policy.limits.connections, logger: silence)),
      onServerRunning: { running($0) }, logger: silence)
  }

  private var http: HTTPServerBuilder {
    let configuration = HTTP1Channel.Configuration(
      idleTimeout: .seconds(policy.limits.idleSeconds),
      httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
        maxHeaderFieldSize: policy.limits.headerBytes, maxHeaderListSize: policy.limits.headerBytes,
        maxHeaderFieldCount: 100))
    return HTTPServerBuilder { responder in
      LoopBoundChannel(base: HTTP1Channel(responder: responder, configuration: configuration))
    }
  }

  private func encrypted(_ http: HTTPServerBuilder) throws -> HTTPServerBuilder {
    guard let certificate = policy.certificate, let key = policy.key else { return http }
    do {
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
      configuration.minimumTLSVersion = .tlsv12
      return try .tls(http, tlsConfiguration: configuration)
    } catch {
      throw RegistryError(
        .permission, "the certificate or its key can't be used: \(error)", unchanged: "nothing is served",
        hint: "see serve.tls in the configuration, and that the service's user may read both files")
    }
  }
}

/// Says that the service is told to stop, on a thread that may wait.
private struct StopNotice: Service {
  let stop: @Sendable () -> Void

  func run() async throws {
    try? await gracefulShutdown()
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        stop()
        continuation.resume()
      }
    }
  }
}

/// Says that the service listens once both of its entrances are open.
private final class Readiness: Sendable {
  private struct State {
    var port: Int?
    var isSocketOpen = false
  }

  private let state = Mutex(State())
  private let listening: @Sendable (Int) -> Void

  init(_ listening: @escaping @Sendable (Int) -> Void) { self.listening = listening }

  func addressIsOpen(_ port: Int) { note { $0.port = port } }

  func socketIsOpen() { note { $0.isSocketOpen = true } }

  private func note(_ change: (inout State) -> Void) {
    let port = state.withLock { state in
      change(&state)
      return state.isSocketOpen ? state.port : nil
    }
    if let port { listening(port) }
  }
}

/// Gives a sign of life by way of a thread that works on urgent requests: where all of them hang, none comes.
private final class Pulse: Sendable {
  private let threads: NIOThreadPool
  private let alive: @Sendable () -> Void
  private let isUnderWay = Atomic<Bool>(false)

  init(_ threads: NIOThreadPool, _ alive: @escaping @Sendable () -> Void) {
    self.threads = threads
    self.alive = alive
  }

  @Sendable func beat() {
    guard !isUnderWay.exchange(true, ordering: .relaxed) else { return }
    threads.submit { [self] state in
      if state == .active { alive() }
      isUnderWay.store(false, ordering: .relaxed)
    }
  }
}
