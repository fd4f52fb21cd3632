import CloudTraining
import Foundation
import ModelRegistry
import RegistryModel
import Synchronization
import Testing

/// A receiver whose workers only note that they were begun, until a test ends them.
final class EventDesk: Sendable {
  static let data = try? RemoteURI(parsing: "gs://continuon-data/robots")

  let hall: TrainingHall
  let registry: Registry
  let crew: WorkerCrew
  let receiver: EventReceiver
  /// What the next worker can't be started for.
  let failure: BoxedFailure
  private let log: BeginLog

  convenience init(size: Int = 1) throws { try self.init(TrainingHall("events"), size: size) }

  /// Another process on the same store.
  convenience init(at other: EventDesk) throws { try self.init(other.hall, size: 1) }

  private init(_ hall: TrainingHall, size: Int) throws {
    let (log, failure) = (BeginLog(), BoxedFailure())
    (self.hall, self.log, self.failure) = (hall, log, failure)
    registry = try hall.registry { $0.data = Self.data }
    crew = WorkerCrew(size: size) { job, ended throws(RegistryError) in
      if let error = failure.withLock({ $0 }) { throw error }
      log.note(job, ended)
      return "noted"
    }
    receiver = try EventReceiver(registry, jobs: registry.indexJobs, submission: crew)
  }

  var begun: [JobID] { log.begun }
  func end(_ job: JobID) { log.end(job) }

  /// A queued job, whose episodes lie on the directory remote.
  func job() throws -> JobID {
    let registry = try hall.registry()
    return try hall.job(registry) { $0.backend = .local }
  }

  /// What a worker does at first, and when it is told to stop.
  func claim(_ id: JobID, andGiveBack givesBack: Bool = false) throws {
    let stored = try #require(try registry.indexJobs.read(id))
    let claimed = try stored.job.applying(
      .claimed(workerID: "w", reserved: VersionID(parsing: "robot_001_v1")), at: stored.readAt)
    let held = try #require(try registry.indexJobs.replace(stored, with: claimed))
    guard givesBack, let worker = claimed.worker else { return }
    _ = try registry.indexJobs.replace(held, with: claimed.applying(.givenBack(worker), at: held.readAt))
  }

  func event(_ name: String, _ job: JobID, generation: String = RecordedEvent.generation) throws
    -> RecordedEvent
  {
    try RecordedEvent(name).replacing(RecordedEvent.job, with: job.text)
      .replacing(RecordedEvent.generation, with: generation)
  }

  func send(_ name: String, _ job: JobID, generation: String = RecordedEvent.generation) throws -> EventAnswer
  {
    let event = try event(name, job, generation: generation)
    return receiver.receive(headers: event.headers, body: event.body)
  }
}

final class BoxedFailure: Sendable {
  private let error = Mutex<RegistryError?>(nil)
  func withLock<T>(_ body: (inout RegistryError?) -> sending T) -> sending T { error.withLock { body(&$0) } }
}

/// Which workers were begun, and how to end them.
final class BeginLog: Sendable {
  private struct State {
    var begun: [JobID] = []
    var endings: [JobID: @Sendable () -> Void] = [:]
  }
  private let state = Mutex(State())

  var begun: [JobID] { state.withLock(\.begun) }

  func note(_ job: JobID, _ ended: @escaping @Sendable () -> Void) {
    state.withLock {
      $0.begun.append(job)
      $0.endings[job] = ended
    }
  }

  func end(_ job: JobID) { state.withLock { $0.endings.removeValue(forKey: job) }?() }
}

/// A store that nobody reaches.
struct AbsentJobs: JobStore {
  let name = "nowhere"
  private var error: RegistryError { RegistryError(.remote, "it is away", hint: "wait") }

  func create(_ job: TrainingJob) throws(RegistryError) -> StoredJob? { throw error }
  func read(_ id: JobID) throws(RegistryError) -> StoredJob? { throw error }
  func replace(_ stored: StoredJob, with job: TrainingJob) throws(RegistryError) -> StoredJob? { throw error }
  func list(_ query: JobQuery) throws(RegistryError) -> JobPage { throw error }
}
