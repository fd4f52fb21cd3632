public import RegistryModel

/// Jobs in this store's own index: the embedded default, where no project is configured.
///
/// Several processes may use it at once. A job that is kept here is kept nowhere else, and goes with a lost index.
public struct IndexJobStore: JobStore {
  private let registry: Registry

  init(_ registry: Registry) { self.registry = registry }

  public var name: String { "the index of \(registry.root)" }

  public func create(_ job: TrainingJob) throws(RegistryError) -> StoredJob? {
    try reporting("make the job \(job.id)") { () -> StoredJob? in
      let now = registry.clock.now()
      return try registry.index().write { transaction in
        guard try transaction.insertJob(job, at: now) else { return nil }
        return try transaction.job(job.id).map { try stored($0, now) }
      }
    }
  }

  public func read(_ id: JobID) throws(RegistryError) -> StoredJob? {
    try reporting("read the job \(id)") { () -> StoredJob? in
      let row = try registry.index().read { try $0.job(id) }
      return try row.map { try stored($0, registry.clock.now()) }
    }
  }

  public func replace(_ stored: StoredJob, with job: TrainingJob) throws(RegistryError) -> StoredJob? {
    try reporting("change the job \(job.id)") { () -> StoredJob? in
      guard stored.job.id == job.id, let revision = Int64(stored.revision) else { return nil }
      let now = registry.clock.now()
      return try registry.index().write { transaction in
        guard try transaction.replaceJob(job, revision: revision, at: now) else { return nil }
        return try transaction.job(job.id).map { try self.stored($0, now) }
      }
    }
  }

  public func list(_ query: JobQuery) throws(RegistryError) -> JobPage {
    try reporting("list the jobs") {
      let after = try query.after.map(Self.place)
      let rows = try registry.index().read { try $0.jobs(query, after: after, limit: query.limit + 1) }
      let now = registry.clock.now()
      var jobs: [StoredJob] = []
      var problems: [String] = []
      for row in rows.prefix(query.limit) {
        do {
          jobs.append(try stored(row, now))
        } catch let error as RegistryError {
          problems.append(error.message)
        }
      }
      let last = rows.count > query.limit ? rows[query.limit - 1] : nil
      return JobPage(
        jobs: jobs, problems: problems, next: last.map { "\($0.createdAt.milliseconds)-\($0.id)" })
    }
  }

  /// The time and name of the last job of a page.
  private static func place(_ text: String) throws -> (createdAt: Int64, job: String) {
    guard let (time, name) = text.splitOnce(at: UInt8(ascii: "-")), let createdAt = Int64(time),
      (try? JobID(parsing: name)) != nil
    else {
      throw RegistryError(
        .usage, "\(text.quoted) names no page of jobs", hint: "take it from `next` of the page before")
    }
    return (createdAt, name)
  }

  private func stored(_ row: JobRow, _ now: Timestamp) throws -> StoredJob {
    do throws(RegistryError) {
      return StoredJob(
        job: try TrainingJob(JSONValue(parsing: Array(row.document.utf8))), revision: "\(row.revision)",
        changedAt: row.changedAt, readAt: max(now, row.changedAt))
    } catch {
      throw RegistryError(
        .integrity, "the job \(row.id.quoted) can't be read: \(error.message)", hint: error.hint)
    }
  }
}

extension Registry {
  /// Jobs that are kept in this store.
  public var indexJobs: IndexJobStore { IndexJobStore(self) }
}
