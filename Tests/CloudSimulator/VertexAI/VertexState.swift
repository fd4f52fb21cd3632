package import RegistryModel
import Synchronization

/// The custom jobs of a simulator, behind a lock: the API for clients, and for tests what the service does with them.
package final class VertexState: Sendable {
  /// The states that a job takes, as the API writes them without `JOB_STATE_`.
  package enum Step: String, Sendable {
    case queued = "QUEUED"
    case pending = "PENDING"
    case running = "RUNNING"
    case succeeded = "SUCCEEDED"
    case failed = "FAILED"
    case cancelling = "CANCELLING"
    case cancelled = "CANCELLED"

    package var isFinal: Bool { next.isEmpty }

    var next: Set<Step> {
      switch self {
      case .queued: [.pending, .cancelling, .failed]
      case .pending: [.running, .cancelling, .failed]
      case .running: [.succeeded, .failed, .cancelling]
      // A job may be faster than who cancels it.
      case .cancelling: [.cancelled, .succeeded, .failed]
      case .succeeded, .failed, .cancelled: []
      }
    }
  }

  private let jobs: Mutex<VertexJobs>
  private let clock: SimulatedClock

  init(clock: SimulatedClock) {
    self.clock = clock
    jobs = Mutex(VertexJobs())
  }

  func handle(_ call: VertexCall, _ request: Request) -> Reply {
    let now = clock.nowMicroseconds()
    return jobs.withLock { $0.handle(call, request, now: now) }
  }

  /// All jobs as the API shows them, in the order in which they were made.
  package var all: [JSONValue] { jobs.withLock { $0.jobs.map(\.json) } }

  /// How many lists a new job is missing from.
  package var listLag: Int {
    get { jobs.withLock { $0.listLag } }
    set { jobs.withLock { $0.listLag = newValue } }
  }

  /// What the service does with a job next.
  ///
  /// - Parameter error: for a failure.
  /// - Throws: for a job that isn't there, and a step that doesn't follow on its state.
  package func move(_ name: String, to step: Step, error: String? = nil) throws {
    let now = clock.nowMicroseconds()
    try jobs.withLock { jobs in
      guard let index = jobs.jobs.firstIndex(where: { $0.name == name }) else {
        throw NoSuchObject(description: "no custom job \(name)")
      }
      guard jobs.jobs[index].step.next.contains(step) else {
        throw NoSuchObject(description: "\(jobs.jobs[index].step) isn't followed by \(step)")
      }
      jobs.jobs[index].move(to: step, error: error, now: now)
    }
  }
}
