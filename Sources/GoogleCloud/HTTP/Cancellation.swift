import Synchronization

/// Tells calls under way to stop: a transfer stops within about a second, a wait at once, and no further request is made.
public final class Cancellation: Sendable {
  private let flag = Atomic(false)
  private let asking: (@Sendable () -> Bool)?

  /// - Parameter asking: says whether to stop; asked by whichever thread waits, until it once said so.
  public init(asking: (@Sendable () -> Bool)? = nil) { self.asking = asking }

  /// For good; there is no way back.
  public func cancel() { flag.store(true, ordering: .releasing) }

  public var isCancelled: Bool {
    if flag.load(ordering: .acquiring) { return true }
    guard let asking, asking() else { return false }
    cancel()
    return true
  }
}
