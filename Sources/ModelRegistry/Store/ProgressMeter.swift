import RegistryModel
import Synchronization

/// Adds up what several threads did, for one handler of progress; and stops all of them when the handler threw.
///
/// The first error of the handler is kept: whoever counts or asks from then on gets it, also where something in between
/// took it for a failure of its own.
final class ProgressMeter: Sendable {
  /// For work that nobody watches.
  static let unwatched = ProgressMeter(nil)

  private let handler: ProgressHandler?
  private let total = Atomic<Int64>(0)
  private let done = Atomic<Int64>(0)
  private let failure = Mutex<RegistryError?>(nil)

  init(_ handler: ProgressHandler?) { self.handler = handler }

  /// Begins a part of the work, of so many bytes; 0 where nobody knows how many.
  func begin(_ bytes: Int64) throws {
    total.store(bytes, ordering: .relaxed)
    try reach(0)
  }

  /// Counts a piece.
  func add(_ bytes: Int64) throws { try tell(done.add(bytes, ordering: .relaxed).newValue) }

  /// Says how far the part has come, where somebody else counts.
  func reach(_ bytes: Int64) throws {
    done.store(bytes, ordering: .relaxed)
    try tell(bytes)
  }

  /// Asks whether to go on, where nothing is counted.
  func check() throws { try tell(done.load(ordering: .relaxed)) }

  /// The same for whoever can't throw.
  var isStopped: Bool { (try? check()) == nil }

  private func tell(_ bytes: Int64) throws {
    guard let handler else { return }
    if let failure = failure.withLock(\.self) { throw failure }
    do {
      try handler(bytes, total.load(ordering: .relaxed))
    } catch {
      let reason =
        error as? RegistryError
        ?? RegistryError(.cancelled, "it was stopped: \(error)", hint: "run it again to go on")
      throw failure.withLock { first in
        first = first ?? reason
        return first ?? reason
      }
    }
  }
}
