public import ModelRegistry
public import RegistryModel

/// Writes `jobs/JOB.json` where episodes go, create-only: the event that the bucket makes of it starts a worker service.
///
/// The object names the job in its metadata and content; the job itself stays in its store. It is one object a job, so one
/// archive can be trained on as often as one likes.
public struct EventBackend: TrainingBackend {
  public static let folder = "jobs/"
  public let name = TrainingBackendName.event
  private let registry: Registry

  public init(_ registry: Registry) { self.registry = registry }

  public func submit(_ job: TrainingJob) throws(RegistryError) -> String {
    let name = try RelativePath(parsing: "\(Self.folder)\(job.id).json")
    let content: JSONValue = ["job_id": .string(job.id.text), "robot_id": .string(job.robot.text)]
    // There already: an earlier call's answer was lost.
    _ = try registry.createDataObject(name, content.canonicalBytes, metadata: ["job_id": job.id.text])
    return "\(try registry.dataPlace())/\(name.text)"
  }

  public func outcome(of job: TrainingJob) -> BackendOutcome? { nil }
  public func cancel(_ job: TrainingJob) {}
}
