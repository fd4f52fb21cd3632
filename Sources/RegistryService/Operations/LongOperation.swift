package import RegistryModel
import Synchronization

/// One piece of long work: how far it is, how it ended, and a way to cancel it.
package final class LongOperation: Sendable {
  package enum State: String, CaseIterable, Sendable {
    case waiting, running, done, failed, cancelled
    package var isFinal: Bool { self != .waiting && self != .running }
  }

  package struct Snapshot: Sendable {
    package fileprivate(set) var state = State.waiting
    package fileprivate(set) var doneBytes: Int64 = 0
    package fileprivate(set) var totalBytes: Int64 = 0
    package fileprivate(set) var startedAt: Timestamp?
    package fileprivate(set) var endedAt: Timestamp?
    package fileprivate(set) var result: JSONValue?
    package fileprivate(set) var problem: RegistryError?
    fileprivate var isCancelled = false
  }

  package let id: String
  /// What it does: `install`, `sync`.
  package let kind: String
  /// What it does that to: references, or nothing.
  package let subject: [String]
  package let caller: String
  package let createdAt: Timestamp
  private let current = Mutex(Snapshot())

  package init(id: String, kind: String, subject: [String], caller: String, at now: Timestamp) {
    self.id = id
    self.kind = kind
    self.subject = subject
    self.caller = caller
    createdAt = now
  }

  package var snapshot: Snapshot { current.withLock(\.self) }

  func begin(at now: Timestamp) {
    current.withLock { snapshot in
      guard snapshot.state == .waiting else { return }
      snapshot.state = .running
      snapshot.startedAt = now
    }
  }

  /// Notes how far it is.
  ///
  /// - Throws: `cancelled` where that was asked for, which ends the work.
  func advance(to doneBytes: Int64, of totalBytes: Int64) throws(RegistryError) {
    let isCancelled = current.withLock { snapshot in
      snapshot.doneBytes = max(snapshot.doneBytes, doneBytes)
      snapshot.totalBytes = totalBytes
      return snapshot.isCancelled
    }
    if isCancelled { throw Self.cancellation }
  }

  func requireNotCancelled() throws(RegistryError) {
    if current.withLock(\.isCancelled) { throw Self.cancellation }
  }

  func end(_ outcome: Result<JSONValue, RegistryError>, at now: Timestamp) {
    current.withLock { snapshot in
      snapshot.endedAt = now
      switch outcome {
      case .success(let result):
        snapshot.state = .done
        snapshot.result = result
      case .failure(let error):
        snapshot.state = error.code == .cancelled ? .cancelled : .failed
        snapshot.problem = error
      }
    }
  }

  /// Asks it to end; it does at its next piece of work.
  ///
  /// - Throws: `refused` where it has ended.
  package func cancel() throws(RegistryError) {
    let state = current.withLock { snapshot in
      if !snapshot.state.isFinal { snapshot.isCancelled = true }
      return snapshot.state
    }
    guard state.isFinal else { return }
    throw RegistryError(
      .refused, "the operation \(id) is \(state.rawValue) already", hint: "see GET /api/operations/\(id)")
  }

  private static let cancellation = RegistryError(
    RegistryError.Code.cancelled, "the operation was cancelled", unchanged: "what was done before stands",
    hint: "ask again: what was transferred isn't transferred twice")
}

extension LongOperation {
  /// The document of `/api/operations/{id}`.
  package var document: JSONValue {
    let now = snapshot
    return [
      "id": .string(id), "kind": .string(kind), "subject": .array(subject.map(JSONValue.string)),
      "by": .string(caller), "state": .string(now.state.rawValue),
      "progress": ["done_bytes": .integer(now.doneBytes), "total_bytes": .integer(now.totalBytes)],
      "created_at": .string(createdAt.description), "started_at": .orNull(now.startedAt?.description),
      "ended_at": .orNull(now.endedAt?.description), "result": now.result ?? .null,
      "error": now.problem.map {
        [
          "code": .string($0.code.rawValue), "message": .string("\($0.message); \($0.unchanged)"),
          "hint": .string($0.hint),
        ]
      } ?? .null,
    ]
  }
}
