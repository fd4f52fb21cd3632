import Dispatch
import Synchronization

/// Runs one step after the other on a thread of its own, while the caller prepares the next. The first failure ends it:
/// no later step runs, and the caller gets it at its next call.
final class Behind<Step: Sendable>: Sendable {
  private let body: @Sendable (Step) throws -> Void
  private let queue = DispatchQueue(label: "behind")
  private let failure = Mutex<(any Error)?>(nil)
  private let isInline: Bool

  init(_ body: @escaping @Sendable (Step) throws -> Void) {
    self.body = body
    isInline = stepsAreCounted
  }

  /// - Throws: what an earlier step failed with.
  func add(_ step: Step) throws {
    try check()
    guard !isInline else { return try body(step) }
    queue.async { [self] in
      guard failure.withLock({ $0 == nil }) else { return }
      do { try body(step) } catch { failure.withLock { $0 = error } }
    }
  }

  /// Waits for every step. Must be called, also where the caller gives up: what the steps need is its to free.
  func wait() { queue.sync {} }

  func finish() throws {
    wait()
    try check()
  }

  private func check() throws {
    if let error = failure.withLock(\.self) { throw error }
  }
}
