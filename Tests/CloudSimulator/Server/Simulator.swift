import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A simulated Google Cloud on a port of 127.0.0.1: Storage, Firestore, custom jobs of Vertex AI, the token endpoint at
/// `/token`, and the metadata server.
package final class Simulator: Sendable {
  package let cloud: Cloud
  package let faults: FaultScript
  private let log = RequestLog()
  /// Nil while a free port has yet to be taken.
  private let port: Mutex<Int?>
  private let server = Mutex<(any Channel)?>(nil)
  private let connections = Mutex<[ObjectIdentifier: any Channel]>([:])

  /// - Parameter port: 0 takes a free one.
  package init(
    buckets: [String] = [], port: Int = 0, options: StorageOptions = StorageOptions(),
    requiresToken: Bool = false, faults: FaultScript = FaultScript(), clock: SimulatedClock = .system
  ) {
    cloud = Cloud(buckets: buckets, options: options, requiresToken: requiresToken, clock: clock)
    self.faults = faults
    self.port = Mutex(port == 0 ? nil : port)
  }

  package var state: StorageState { cloud.storage }

  package var firestore: FirestoreState { cloud.firestore }
  package var vertex: VertexState { cloud.vertex }

  /// Requests since the start or the last ``forgetRequests()``.
  package var requests: [RequestRecord] { log.sinceClear }

  package func forgetRequests() { log.clear() }

  /// `http://127.0.0.1:PORT`; the port is known from the first start on.
  package var url: String { "http://127.0.0.1:\(port.withLock { $0 } ?? 0)" }

  /// Answers requests from now on; again on the same port after ``stop()``.
  package func start() throws {
    let channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 512)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      // What is counted as sent is in the kernel, and little of it has not arrived.
      .childChannelOption(.socketOption(.so_sndbuf), value: 64 << 10)
      .childChannelOption(
        .writeBufferWaterMark, value: .init(low: 256 * 1024, high: 1024 * 1024)
      )
      .childChannelOption(
        .recvAllocator,
        value: AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 65536, maximum: 1 << 20)
      )
      .childChannelInitializer { [self] channel in
        let key = ObjectIdentifier(channel)
        connections.withLock { $0[key] = channel }
        channel.closeFuture.whenComplete { _ in _ = self.connections.withLock { $0.removeValue(forKey: key) }
        }
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
          try channel.pipeline.syncOperations.addHandler(
            ConnectionHandler(cloud: cloud, faults: faults, log: log))
        }
      }
      .bind(host: "127.0.0.1", port: port.withLock { $0 } ?? 0).wait()
    port.withLock { $0 = channel.localAddress?.port }
    server.withLock { $0 = channel }
  }

  /// Closes the port and every connection.
  package func stop() {
    let channel = server.withLock { server in
      defer { server = nil }
      return server
    }
    try? channel?.close().wait()
    closeConnections()
  }

  /// Breaks every connection there is, as a network that goes away.
  package func closeConnections() {
    for connection in connections.withLock({ Array($0.values) }) { connection.close(promise: nil) }
  }
}
