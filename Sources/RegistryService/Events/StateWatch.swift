import Dispatch
import Foundation
import Logging
import ModelRegistry
import RegistryDocuments
import RegistryModel
import Synchronization

/// Looks every second at what others may have changed, ends trials whose time is over, and lets the schedule begin what is
/// due. On a thread of its own.
final class StateWatch: Sendable {
  private static let secondsPerBeat = 15

  private let core: ServiceCore
  private let log: Logger
  private let alive: @Sendable () -> Void
  private let isOver = DispatchSemaphore(value: 0)
  private let last = Mutex<(revision: UInt64?, problem: String?)>((nil, nil))

  /// - Parameter alive: called after each look that came to its end, as a sign of life.
  init(_ core: ServiceCore, log: Logger, alive: @escaping @Sendable () -> Void) {
    self.core = core
    self.log = log
    self.alive = alive
  }

  func begin() {
    Thread.detachNewThread { [self] in
      var second = 0
      repeat {
        look()
        if second % Self.secondsPerBeat == Self.secondsPerBeat - 1 { core.events.beat() }
        second += 1
      } while isOver.wait(timeout: .now() + 1) == .timedOut
    }
  }

  func end() { isOver.signal() }

  private func look() {
    let isWell = [note { try tellOfState() }, note { try endOverdueTrial() }].allSatisfy(\.self)
    core.schedule.tick()
    if isWell { alive() }
  }

  private func tellOfState() throws {
    let reading: ActiveWatch.Reading?
    do {
      reading = try core.active.watch.read()
    } catch {
      guard error.code == .notFound else { throw error }
      reading = nil
    }
    let isNew = last.withLock { last in
      guard last.revision != reading?.revision else { return false }
      last.revision = reading?.revision
      return true
    }
    if isNew { core.events.send("state", reading.map { Document.active($0.state) } ?? .null) }
  }

  private func endOverdueTrial() throws {
    guard let reverted = try core.endOverdueTrial() else { return }
    log.warning(
      "a trial's time was over, and it was reverted", metadata: ["generation": "\(reverted.generation)"])
    core.events.send("reverted", Document.switchResult(reverted, root: core.store.root))
  }

  /// What stays wrong is said once. What the store itself says is an answer; only what isn't is no sign of life.
  private func note(_ body: () throws -> Void) -> Bool {
    do {
      try body()
      return true
    } catch {
      let text = "\(error)"
      let isNew = last.withLock { last in
        defer { last.problem = text }
        return last.problem != text
      }
      if isNew { log.error("a look at the store failed", metadata: ["error": "\(text)"]) }
      return error is RegistryError
    }
  }
}
