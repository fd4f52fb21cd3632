public import ModelRegistry
public import RegistryModel

/// Trains on this machine: a worker is started beside, and goes on when the one who asked has ended. The embedded default.
public struct LocalBackend: TrainingBackend {
  public typealias Launch = @Sendable (JobID) throws(RegistryError) -> String

  public let name = TrainingBackendName.local
  private let registry: Registry
  private let launch: Launch

  /// - Parameter launch: starts a worker for a job, and says what it is called.
  public init(_ registry: Registry, launch: @escaping Launch) {
    self.registry = registry
    self.launch = launch
  }

  public func submit(_ job: TrainingJob) throws(RegistryError) -> String {
    // One that works on it already will do.
    if try registry.isWorkedOn(job.id) { return job.backendID ?? "here" }
    return try launch(job.id)
  }

  public func outcome(of job: TrainingJob) throws(RegistryError) -> BackendOutcome? {
    try registry.isWorkedOn(job.id) ? nil : .lost
  }

  /// Its worker finds the document changed.
  public func cancel(_ job: TrainingJob) throws(RegistryError) {}
}
