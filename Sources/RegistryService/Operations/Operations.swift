import Dispatch
package import ModelRegistry
package import RegistryModel
import Synchronization

/// The long work of the service: each on a thread of its own, a few at once, the others wait their turn.
///
/// What was asked for is in memory only, and ends with the service: every verb underneath is safe to be killed and goes on
/// where it was when it is asked for again.
package final class Operations: Sendable {
  package typealias Work = @Sendable (Progress) throws -> JSONValue

  /// What the work calls with how far it is; it throws where the operation was cancelled.
  package struct Progress: Sendable {
    fileprivate let operation: LongOperation
    fileprivate let events: EventHub
    fileprivate let pace: Pace

    package func callAsFunction(_ doneBytes: Int64, _ totalBytes: Int64) throws(RegistryError) {
      try operation.advance(to: doneBytes, of: totalBytes)
      if pace.isDue() { events.send("operation", operation.document) }
    }

    /// Between two parts of the work that report nothing.
    package func check() throws(RegistryError) { try operation.requireNotCancelled() }
  }

  private static let kept = 200
  private static let waitingLimit = 100

  fileprivate struct State {
    var operations: [String: LongOperation] = [:]
    /// Oldest first.
    var order: [String] = []
    var waiting: [(LongOperation, Work)] = []
    var running = 0
    var isClosed = false
  }

  private let state = Mutex(State())
  private let atOnce: Int
  private let events: EventHub
  private let clock: MachineClock
  private let idle = DispatchGroup()
  private let queue = DispatchQueue(label: "operations", attributes: .concurrent)

  package init(atOnce: Int, events: EventHub, clock: MachineClock) {
    self.atOnce = atOnce
    self.events = events
    self.clock = clock
  }

  /// Has `work` done, now or when its turn comes.
  ///
  /// - Throws: `busy` where too much waits, or the service stops.
  package func start(
    _ kind: String, subject: [String] = [], as caller: String, _ work: @escaping Work
  ) throws(RegistryError) -> LongOperation {
    let operation = LongOperation(
      id: "op_\(RandomText.make())", kind: kind, subject: subject, caller: caller, at: clock.now())
    let isTaken = state.withLock { state in
      guard !state.isClosed, state.waiting.count < Self.waitingLimit else { return false }
      state.operations[operation.id] = operation
      state.order.append(operation.id)
      state.waiting.append((operation, work))
      state.forgetOldest(keeping: Self.kept)
      return true
    }
    guard isTaken else {
      throw RegistryError(.busy, "too much waits to be done, or the service stops", hint: "try again later")
    }
    events.send("operation", operation.document)
    runNext()
    return operation
  }

  package func find(_ id: String) throws(RegistryError) -> LongOperation {
    if let operation = state.withLock({ $0.operations[id] }) { return operation }
    throw RegistryError(
      .notFound, "there is no operation \(id.quoted)",
      hint: "see GET /api/operations; those before the last start of the service are not kept")
  }

  /// One page, newest first.
  ///
  /// - Throws: `notFound` where the operation that the page is to come after is no longer kept.
  package func list(
    after id: String?, limit: Int
  ) throws(RegistryError) -> (items: [LongOperation], next: String?) {
    if let id { _ = try find(id) }
    return state.withLock { state in
      var ids = state.order.reversed()[...]
      if let id, let position = ids.firstIndex(of: id) { ids = ids[ids.index(after: position)...] }
      let items = ids.prefix(limit).compactMap { state.operations[$0] }
      return (items, ids.count > limit ? items.last?.id : nil)
    }
  }

  package var counts: [LongOperation.State: Int] {
    let all = state.withLock { Array($0.operations.values) }
    return Dictionary(all.map { ($0.snapshot.state, 1) }, uniquingKeysWith: +)
  }

  /// Takes no more, has what runs end at its next piece, and returns when it has.
  ///
  /// - Returns: whether everything ended in time.
  package func close(waitingAtMost seconds: Double) -> Bool {
    let all = state.withLock { state in
      state.isClosed = true
      return Array(state.operations.values)
    }
    for operation in all { try? operation.cancel() }
    runNext()
    return idle.wait(timeout: .now() + seconds) == .success
  }

  private func runNext() {
    while let (operation, work) = take() {
      idle.enter()
      queue.async { [self] in
        run(operation, work)
        state.withLock { $0.running -= 1 }
        idle.leave()
        runNext()
      }
    }
  }

  private func take() -> (LongOperation, Work)? {
    state.withLock { state in
      guard state.running < atOnce, !state.waiting.isEmpty else { return nil }
      state.running += 1
      return state.waiting.removeFirst()
    }
  }

  private func run(_ operation: LongOperation, _ work: Work) {
    operation.begin(at: clock.now())
    let outcome: Result<JSONValue, RegistryError>
    do {
      try operation.requireNotCancelled()
      events.send("operation", operation.document)
      outcome = .success(try work(Progress(operation: operation, events: events, pace: Pace())))
    } catch let error as RegistryError {
      outcome = .failure(error)
    } catch {
      outcome = .failure(RegistryError(.failed, "\(error)", hint: "run `modelctl doctor`"))
    }
    operation.end(outcome, at: clock.now())
    events.send("operation", operation.document)
  }
}

extension Operations.State {
  /// Those that have ended, oldest first, beyond what is kept.
  fileprivate mutating func forgetOldest(keeping count: Int) {
    var excess = order.count - count
    order.removeAll { id in
      guard excess > 0, operations[id]?.snapshot.state.isFinal != false else { return false }
      excess -= 1
      operations[id] = nil
      return true
    }
  }
}

/// Lets something through four times a second.
final class Pace: Sendable {
  private static let interval = Duration.milliseconds(250)
  private let last = Mutex<ContinuousClock.Instant?>(nil)

  func isDue() -> Bool {
    let now = ContinuousClock.now
    return last.withLock { last in
      guard last.map({ now - $0 >= Self.interval }) ?? true else { return false }
      last = now
      return true
    }
  }
}
