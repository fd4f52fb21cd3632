import CloudTraining
import Foundation
import GoogleCloud
import ModelRegistry
import RegistryModel

/// A session with training: where jobs are kept, and the backends that are configured.
struct TrainingSession {
  let session: Session
  let registry: Registry
  let service: CloudTrainingService

  init(_ options: GlobalOptions) throws {
    session = try Session(options)
    registry = try session.openOrCreate()
    service = try Self.service(
      session.settings.configuration.training, registry,
      launch: WorkerLauncher(session, log: registry.workerLog).launch)
  }

  /// - Parameter launch: starts a worker on this machine, and says what it is called.
  static func service(
    _ policy: TrainingPolicy, _ registry: Registry, launch: @escaping LocalBackend.Launch
  ) throws -> CloudTrainingService {
    CloudTrainingService(
      registry, jobs: try jobs(policy, registry), backends: try backends(policy, registry, launch))
  }

  private static var environment: [String: String] { ProcessInfo.processInfo.environment }

  private static func http() throws -> HTTPClient {
    HTTPClient(try HTTPConfiguration(environment: environment))
  }

  static func jobs(_ policy: TrainingPolicy, _ registry: Registry) throws -> any JobStore {
    switch policy.jobs {
    case .index: registry.indexJobs
    case .firestore(let project, let database):
      try FirestoreJobStore.open(
        ProjectID(parsing: project), database: database, environment: environment, http: http())
    }
  }

  /// Nil where `training.vertex` isn't configured.
  static func vertex(_ policy: TrainingPolicy) throws -> VertexBackend? {
    guard let vertex = policy.vertex else { return nil }
    let client = try VertexClient.open(
      ProjectID(parsing: vertex.project), VertexRegion(parsing: vertex.region), environment: environment,
      http: http())
    return VertexBackend(client, vertex)
  }

  private static func backends(
    _ policy: TrainingPolicy, _ registry: Registry, _ launch: @escaping LocalBackend.Launch
  ) throws -> [any TrainingBackend] {
    var backends: [any TrainingBackend] = [LocalBackend(registry, launch: launch), EventBackend(registry)]
    if let vertex = try vertex(policy) { backends.append(vertex) }
    return backends
  }
}

/// Starts `modelctl worker run` beside, in a session of its own.
struct WorkerLauncher: Sendable {
  private let root: String
  private let configuration: String?
  private let log: @Sendable (JobID) throws(RegistryError) -> String

  /// - Parameter log: the path of a job's log.
  init(_ session: Session, log: @escaping @Sendable (JobID) throws(RegistryError) -> String) {
    self.log = log
    root = session.root
    configuration = session.options.config
  }

  /// What it prints goes to `private/training/JOB.worker`.
  @Sendable func launch(_ job: JobID) throws(RegistryError) -> String { Self.name(try spawn(job)) }

  /// What a worker is called in a job's document.
  static func name(_ process: Int32) -> String {
    "process \(process) on \(Host.current().localizedName ?? "this machine")"
  }

  /// As ``launch(_:)``; the process, which nobody has waited for.
  func spawn(_ job: JobID) throws(RegistryError) -> Int32 {
    let path = try log(job)
    let log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard log >= 0 else {
      throw RegistryError(
        .failed, "the worker's log \(path) can't be written: \(String(cString: strerror(errno)))",
        hint: "run `modelctl doctor`")
    }
    defer { close(log) }
    var arguments = ["/proc/self/exe", "worker", "run", "--job", job.text, "--root", root]
    if let configuration { arguments += ["--config", configuration] }
    var child: Int32 = 0
    let code = ChildProcess.spawn(
      arguments, ChildProcess.inherited({ _ in true }, adding: [:]), output: log, error: log, &child)
    guard code == 0 else {
      throw RegistryError(
        .failed, "a worker can't be started: \(String(cString: strerror(code)))",
        hint: "run `modelctl doctor`")
    }
    return child
  }
}
