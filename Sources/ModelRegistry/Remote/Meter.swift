import RegistryModel
import Synchronization

/// Counts what a remote costs, from any thread.
final class Meter: Sendable {
  private let state = Mutex(RemoteTraffic())

  var traffic: RemoteTraffic { state.withLock(\.self) }

  func asked() { state.withLock { $0.requests += 1 } }
  func read(_ bytes: Int) { state.withLock { $0.bytesIn += Int64(bytes) } }
  func wrote(_ bytes: Int) { state.withLock { $0.bytesOut += Int64(bytes) } }
}
