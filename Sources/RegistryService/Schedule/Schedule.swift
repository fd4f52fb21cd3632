package import ModelRegistry
package import RegistryModel
import Synchronization

/// What the service does by itself: when it did it last, how that went, and when it does it next.
///
/// Intervals count on the clock of the boot, as a robot's wall clock jumps; the first round of each comes a little after the
/// start, and each interval varies by a quarter, so that a hall of robots doesn't ask its remote at once.
package final class Schedule: Sendable {
  package struct Job: Sendable {
    package let name: String
    package let intervalMilliseconds: Int64?
    /// Whether a round that is due is left out; one that is asked for never is.
    package let isSpared: @Sendable () throws -> Bool
    package let work: Operations.Work

    package init(
      _ name: String, every intervalMilliseconds: Int64?,
      unless isSpared: @escaping @Sendable () throws -> Bool = { false }, _ work: @escaping Operations.Work
    ) {
      self.name = name
      self.intervalMilliseconds = intervalMilliseconds
      self.isSpared = isSpared
      self.work = work
    }
  }

  fileprivate struct Entry {
    let job: Job
    var dueUptime: Int64?
    var current: LongOperation?
    var lastRun: LongOperation?
    var lastSuccess: Timestamp?
  }

  /// Who the audit says it was.
  package static let caller = "schedule"
  private static let retryMilliseconds: Int64 = 300_000
  private static let firstDelay: ClosedRange<Int64> = 5_000...15_000

  private let entries = Mutex<[String: Entry]>([:])
  private let operations: Operations
  private let clock: MachineClock

  package init(operations: Operations, clock: MachineClock) {
    self.operations = operations
    self.clock = clock
  }

  package func add(_ job: Job) {
    let now = clock.moment().uptimeMilliseconds
    entries.withLock { entries in
      let due = job.intervalMilliseconds.map { now + min($0, .random(in: Self.firstDelay)) }
      entries[job.name] = Entry(job: job, dueUptime: due)
    }
  }

  /// Begins what is due, and notes what has ended. Called every second.
  package func tick() {
    let now = clock.moment().uptimeMilliseconds
    let due = entries.withLock { entries -> [Job] in
      for name in entries.keys { entries[name]?.settle() }
      return entries.values.filter { $0.current == nil && $0.dueUptime.map { $0 <= now } ?? false }
        .map(\.job)
    }
    for job in due.sorted(by: { $0.name < $1.name }) {
      do {
        if try !job.isSpared() {
          _ = try run(job.name, as: Self.caller)
          continue
        }
      } catch {
        // Too much waits, or the store can't be read: not for a week, where that is the interval.
        entries.withLock { $0[job.name]?.wait(from: now, atMost: Self.retryMilliseconds) }
        continue
      }
      entries.withLock { $0[job.name]?.wait(from: now) }
    }
  }

  /// Begins a round now; the one that is under way where there is one.
  ///
  /// - Throws: `notFound` where nothing of that name is done.
  package func run(_ name: String, as caller: String) throws(RegistryError) -> LongOperation {
    let now = clock.moment().uptimeMilliseconds
    // As a whole: of two who ask at once the second follows what the first began.
    return try entries.withLock { (entries) throws(RegistryError) in
      guard let found = entries[name] else {
        let names = entries.keys.sorted().joined(separator: ", ")
        throw RegistryError(
          .notFound, "nothing named \(name.quoted) is scheduled", hint: "there are \(names)")
      }
      if let current = found.current, !current.snapshot.state.isFinal { return current }
      entries[name]?.settle()
      let operation = try operations.start(name, as: caller, found.job.work)
      entries[name]?.current = operation
      entries[name]?.wait(from: now)
      return operation
    }
  }

  package func lastSuccess(of name: String) -> Timestamp? { entries.withLock { $0[name]?.lastSuccess } }

  package var document: JSONValue {
    let now = clock.moment().uptimeMilliseconds
    let sorted = entries.withLock { entries in
      for name in entries.keys { entries[name]?.settle() }
      return entries.values.sorted { $0.job.name < $1.job.name }
    }
    return .array(sorted.map { $0.document(at: now) })
  }
}

extension Schedule.Entry {
  fileprivate mutating func settle() {
    guard let operation = current, case let snapshot = operation.snapshot, snapshot.state.isFinal else {
      return
    }
    current = nil
    lastRun = operation
    // A round that had nothing to do it with did nothing.
    if snapshot.state == .done, snapshot.result?["skipped"] == nil { lastSuccess = snapshot.endedAt }
  }

  fileprivate mutating func wait(from now: Int64, atMost limit: Int64 = .max) {
    dueUptime = job.intervalMilliseconds.map {
      now + min(limit, Int64(Double($0) * Double.random(in: 0.75...1.25)))
    }
  }

  fileprivate func document(at now: Int64) -> JSONValue {
    [
      "name": .string(job.name),
      "interval": job.intervalMilliseconds.map { .number(Double($0) / 1000) } ?? .null,
      "next_in": dueUptime.map { .number(Double(max(0, $0 - now)) / 1000) } ?? .null,
      "running": .orNull(current?.id), "last_success": .orNull(lastSuccess?.description),
      "last": lastRun?.document ?? .null,
    ]
  }
}
