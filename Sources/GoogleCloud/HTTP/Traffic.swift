import Synchronization

/// What went over the wire so far.
public struct Traffic: Hashable, Sendable {
  public let requests: Int64
  /// Headers and bodies of answers.
  public let bytesIn: Int64
  /// Headers and bodies of requests.
  public let bytesOut: Int64
}

/// Counts while transfers are under way.
final class TrafficCounter: Sendable {
  private let requests = Atomic<Int64>(0)
  private let bytesIn = Atomic<Int64>(0)
  private let bytesOut = Atomic<Int64>(0)

  func countRequest() { requests.add(1, ordering: .relaxed) }
  func count(in bytes: Int) { bytesIn.add(Int64(bytes), ordering: .relaxed) }
  func count(out bytes: Int) { bytesOut.add(Int64(bytes), ordering: .relaxed) }

  var traffic: Traffic {
    Traffic(
      requests: requests.load(ordering: .relaxed), bytesIn: bytesIn.load(ordering: .relaxed),
      bytesOut: bytesOut.load(ordering: .relaxed))
  }
}
