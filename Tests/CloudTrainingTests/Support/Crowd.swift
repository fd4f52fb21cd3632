import Dispatch
import Synchronization

/// Runs a body on so many threads at once and gathers what they return; the first error of any is thrown.
func crowd<Value: Sendable>(
  of count: Int, _ body: @escaping @Sendable (Int) throws -> Value
) throws -> [Value] {
  let results = Mutex<[Int: Result<Value, any Error>]>([:])
  DispatchQueue.concurrentPerform(iterations: count) { number in
    let result = Result { try body(number) }
    results.withLock { $0[number] = result }
  }
  return try results.withLock { results in try (0..<count).compactMap { try results[$0]?.get() } }
}
