import CloudTraining
import ModelRegistry
import RegistryDocuments
import RegistryModel
import RegistryService

/// Brings the service and training together: each call opens the store for who asks.
struct ServiceTraining: TrainingDesk {
  private let session: Session
  private let store: StoreAccess
  /// Those that train here; they end with the service, and give their jobs back.
  let workers: WorkerProcesses

  init(_ session: Session, _ store: StoreAccess, report: @escaping @Sendable (String) -> Void) {
    self.session = session
    self.store = store
    let launcher = WorkerLauncher(session) { (job) throws(RegistryError) in
      try reportingUnknown { try store.changing(as: Schedule.caller) { try $0.workerLog(job) } }
    }
    workers = WorkerProcesses(launcher, report: report)
  }

  private var policy: TrainingPolicy { session.settings.configuration.training }

  private func service<T>(
    as caller: String, _ body: (CloudTrainingService) throws -> T
  ) throws -> T {
    try store.changing(as: caller) { registry in
      try body(
        TrainingSession.service(policy, registry) { (job) throws(RegistryError) in
          try workers.start(job, ended: {})
        })
    }
  }

  func upload(
    as caller: String, again: Bool, progress: @escaping @Sendable (Int64, Int64) throws -> Void
  ) throws -> JSONValue {
    try service(as: caller) { service in
      let result = try service.uploadEpisodes(again: again, progress: progress)
      var document = Document.uploaded(result).asObject ?? [:]
      document["problems"] = .array(result.problems.map(JSONValue.string))
      return .object(document)
    }
  }

  func trigger(_ order: TrainingOrder, as caller: String) throws -> JSONValue {
    var request = TrainingRequest()
    request.adapter = order.adapter
    request.base =
      switch order.base {
      case .active: .active
      case .none: .none
      case .version(let reference): .version(reference)
      }
    request.archive = order.archive
    request.backend = order.backend
    request.config = order.config
    return try service(as: caller) { try $0.triggerTraining(request).job.json }
  }

  func status(_ id: JobID) throws -> JSONValue {
    try service(as: Schedule.caller) { try $0.job(id).job.json }
  }

  func jobs(_ query: JobQuery) throws -> JSONValue {
    try service(as: Schedule.caller) { service in
      let page = try service.list(query)
      return [
        "jobs": .array(page.jobs.map(\.job.json)), "next": .orNull(page.next),
        "problems": .array(page.problems.map(JSONValue.string)),
      ]
    }
  }

  func cancel(_ id: JobID, reason: String?, as caller: String) throws -> JSONValue {
    try service(as: caller) { try $0.cancel(id, reason: reason).job.json }
  }

  func download(
    _ id: JobID, activates: Bool?, as caller: String,
    progress: @escaping @Sendable (Int64, Int64) throws -> Void
  ) throws -> JSONValue {
    try service(as: caller) {
      Train.version(try $0.downloadResult(id, activates: activates, progress: progress))
    }
  }

  func decision() throws -> JSONValue { try service(as: Schedule.caller) { try $0.decide().json } }

  func automate(as caller: String) throws -> JSONValue {
    try service(as: caller) { Train.automation(try $0.automate()) }
  }

  var settings: JSONValue {
    [
      "adapter": .orNull(policy.adapter?.text), "backend": .string(policy.backend.rawValue),
      "auto": .bool(policy.isAutomatic), "auto_install": .bool(policy.installsResults),
      "auto_activate": .bool(policy.activatesResults),
    ]
  }
}

/// What is thrown in between is one of ours, or is told as it is.
private func reportingUnknown<T>(_ body: () throws -> T) throws(RegistryError) -> T {
  do {
    return try body()
  } catch {
    throw error as? RegistryError ?? RegistryError(.failed, "\(error)", hint: "run `modelctl doctor`")
  }
}
