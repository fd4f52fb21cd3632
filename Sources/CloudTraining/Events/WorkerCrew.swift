public import RegistryModel
import Synchronization

/// Workers as processes of their own, so many at once and no more. Nobody waits in line here: whom there is no room for is
/// told so, as a line in memory would be lost with the process.
public final class WorkerCrew: JobSubmission {
  /// Starts a worker and says what it is called; the second parameter is called once, from any thread, when it has ended.
  public typealias Launch = @Sendable (JobID, @escaping @Sendable () -> Void) throws(RegistryError) -> String

  private struct State {
    var working: Set<JobID> = []
    var isClosed = false
  }

  private let size: Int
  private let launch: Launch
  private let state = Mutex(State())

  public init(size: Int, launch: @escaping Launch) {
    self.size = size
    self.launch = launch
  }

  /// The jobs whose workers haven't ended.
  public var working: Set<JobID> { state.withLock(\.working) }

  /// Nobody is begun any more.
  public func close() { state.withLock { $0.isClosed = true } }

  public func begin(_ job: TrainingJob) throws(RegistryError) -> Submission {
    let refusal: Submission? = state.withLock { state in
      if state.working.contains(job.id) { return .underWay }
      if state.isClosed || state.working.count >= size { return .full }
      state.working.insert(job.id)
      return nil
    }
    if let refusal { return refusal }
    do {
      return .begun(try launch(job.id) { [self] in ended(job.id) })
    } catch {
      ended(job.id)
      throw error
    }
  }

  private func ended(_ job: JobID) { state.withLock { _ = $0.working.remove(job) } }
}
