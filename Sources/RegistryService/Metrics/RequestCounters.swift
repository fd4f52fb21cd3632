import Synchronization

/// How many requests there were, by route and status, and how many there are.
package final class RequestCounters: Sendable {
  package struct Key: Hashable, Comparable, Sendable {
    package let route: String
    package let status: Int

    package static func < (first: Key, second: Key) -> Bool {
      (first.route, first.status) < (second.route, second.status)
    }
  }

  private let counts = Mutex<[Key: UInt64]>([:])
  private let current = Atomic<Int>(0)

  package init() {}

  /// Whether one more may be worked on; ``end()`` says that it has been.
  func begin(atMost limit: Int) -> Bool {
    guard current.add(1, ordering: .relaxed).newValue <= limit else {
      current.subtract(1, ordering: .relaxed)
      return false
    }
    return true
  }

  func end() { current.subtract(1, ordering: .relaxed) }

  func count(_ route: String, _ status: Int) {
    counts.withLock { $0[Key(route: route, status: status), default: 0] += 1 }
  }

  package var all: [(key: Key, count: UInt64)] {
    counts.withLock { $0.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
  }

  package var inFlight: Int { current.load(ordering: .relaxed) }
}
