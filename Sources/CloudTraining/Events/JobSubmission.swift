public import RegistryModel

/// Has a job trained that an event names: nothing of it happens within the request.
///
/// Calls block, and come from several threads. Called again for a job that it has begun, it doesn't begin it twice.
public protocol JobSubmission: Sendable {
  func begin(_ job: TrainingJob) throws(RegistryError) -> Submission
}

public enum Submission: Hashable, Sendable {
  /// It is begun, and called so.
  case begun(String)
  case underWay
  /// No more may run at once.
  case full
  /// It was begun before, and ended without a word in the job's document.
  case ended(String)
}

/// Vertex AI runs as many as one pays for, and knows by a job's label that it has it.
extension VertexBackend: JobSubmission {
  public func begin(_ job: TrainingJob) throws(RegistryError) -> Submission {
    let name = try submit(job)
    var begun = job
    begun.name(backendID: name)
    switch try outcome(of: begun) {
    case .failed(let message): return .ended(message)
    case .cancelled: return .ended("Vertex AI says that it was cancelled")
    case .ended: return .ended("Vertex AI says that it ended, and no result was written")
    case .lost, nil: return .begun(name)
    }
  }
}
