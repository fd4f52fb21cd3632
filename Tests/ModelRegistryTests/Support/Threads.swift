import Foundation
import Synchronization

/// A call on a thread of its own; Swift's pool must not be blocked by what waits for a lock.
final class Running<Answer: Sendable>: Sendable {
  private let done = DispatchSemaphore(value: 0)
  private let outcome = Mutex<Result<Answer, any Error>?>(nil)

  init(_ body: @escaping @Sendable () throws -> Answer) {
    let thread = Thread {
      let result = Result { try body() }
      self.outcome.withLock { $0 = result }
      self.done.signal()
    }
    thread.stackSize = 4 << 20
    thread.start()
  }

  /// Whether the call has come back.
  var isDone: Bool { outcome.withLock { $0 != nil } }

  /// Waits for the call to come back.
  func result() -> Result<Answer, any Error> {
    done.wait()
    done.signal()
    return outcome.withLock { $0! }
  }

  func get() throws -> Answer { try result().get() }
}

/// Threads that wait here go on together.
final class StartLine: Sendable {
  private let gate = DispatchSemaphore(value: 0)
  private let count: Int
  private let waiting = Atomic<Int>(0)

  init(_ count: Int) { self.count = count }

  func wait() {
    if waiting.add(1, ordering: .sequentiallyConsistent).newValue == count {
      for _ in 1..<count { gate.signal() }
    } else {
      gate.wait()
    }
  }
}

/// Runs two calls at once and returns when both are done.
func race<A: Sendable, B: Sendable>(
  _ a: @escaping @Sendable () throws -> A, _ b: @escaping @Sendable () throws -> B
) -> (Result<A, any Error>, Result<B, any Error>) {
  let line = StartLine(2)
  let first = Running {
    line.wait()
    return try a()
  }
  let second = Running {
    line.wait()
    return try b()
  }
  return (first.result(), second.result())
}
