import Dispatch
import Foundation
import Synchronization

/// What several threads ended with.
final class Outcomes<Answer: Sendable>: Sendable {
  private let results: Mutex<[Result<Answer, any Error>?]>
  private let left: DispatchGroup

  init(_ count: Int) {
    results = Mutex(Array(repeating: nil, count: count))
    left = DispatchGroup()
    for _ in 0..<count { left.enter() }
  }

  func set(_ number: Int, _ result: Result<Answer, any Error>) {
    results.withLock { $0[number] = result }
    left.leave()
  }

  func wait() -> [Result<Answer, any Error>] {
    left.wait()
    return results.withLock { $0.compactMap(\.self) }
  }
}
