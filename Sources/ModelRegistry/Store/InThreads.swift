import Dispatch
import Synchronization

/// Does something with each element, several at once, on threads that may wait for a network. The first failure stops
/// the rest, and is thrown when those under way have ended.
func inThreads<Element: Sendable>(
  _ elements: [Element], atMost count: Int, _ body: @escaping @Sendable (Element) throws -> Void
) throws {
  guard elements.count > 1, !stepsAreCounted else { return try elements.forEach(body) }
  let next = Atomic<Int>(0)
  let failure = Mutex<(any Error)?>(nil)
  let group = DispatchGroup()
  let queue = DispatchQueue(label: "transfers", attributes: .concurrent)
  try withoutActuallyEscaping(body) { body in
    for _ in 0..<min(count, elements.count) {
      queue.async(group: group) {
        while failure.withLock({ $0 == nil }) {
          let position = next.add(1, ordering: .relaxed).oldValue
          guard position < elements.count else { return }
          do {
            try body(elements[position])
          } catch {
            failure.withLock { $0 = $0 ?? error }
          }
        }
      }
    }
    group.wait()
    if let error = failure.withLock(\.self) { throw error }
  }
}

/// What several threads found.
final class Gathered<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])

  var all: [Element] { elements.withLock(\.self) }

  func add(_ element: Element) { elements.withLock { $0.append(element) } }
}
