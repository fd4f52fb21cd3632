public import RegistryModel

/// What has a job trained: this machine, Vertex AI, or whoever an object in the bucket wakes.
///
/// Calls block. `submit` may be called again for a job whose first call's answer was lost: it never starts a second training.
public protocol TrainingBackend: Sendable {
  var name: TrainingBackendName { get }

  /// Has a queued job trained; what the backend calls it.
  func submit(_ job: TrainingJob) throws(RegistryError) -> String

  /// How the backend says that it went; nil where it knows nothing, or nothing final. Asked only where the job's own
  /// document is silent.
  func outcome(of job: TrainingJob) throws(RegistryError) -> BackendOutcome?

  /// Has it ended, as far as the backend can.
  func cancel(_ job: TrainingJob) throws(RegistryError)
}

/// How a backend says that a job went.
public enum BackendOutcome: Hashable, Sendable {
  case failed(String)
  case cancelled
  /// It says that all went well: what the worker did stands in the document.
  case ended
  /// Nothing of it runs any more, and it may be submitted again.
  case lost
}
