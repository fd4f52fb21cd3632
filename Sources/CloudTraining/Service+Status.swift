public import ModelRegistry
public import RegistryModel

extension CloudTrainingService {
  /// The job as it stands. Where its document has been silent for longer than a worker may be, its backend is asked, and a
  /// job that it says has ended is ended.
  public func jobStatus(_ id: JobID) throws(RegistryError) -> StoredJob {
    let stored = try job(id)
    guard !stored.job.status.isFinal, stored.silenceMilliseconds > policy.worker.takeoverMilliseconds,
      let name = stored.job.backend, let backend = backends[name],
      // Where its name was never written down, nobody can ask for it: it is as good as lost.
      let outcome = try stored.job.backendID == nil ? .lost : backend.outcome(of: stored.job)
    else { return stored }
    if let completed = try completing(stored.job) {
      try change(id) { $0.job.status == .running ? completed : nil }
      return try job(id)
    }
    try change(id) { stored in Self.change(stored, outcome, silentFor: policy.worker.takeoverMilliseconds) }
    return try job(id)
  }

  /// What a worker that published and died before it could say so would have said.
  private func completing(_ job: TrainingJob) throws(RegistryError) -> TrainingJob.Change? {
    guard job.status == .running, let holder = job.worker, let reserved = job.reserved,
      let made = try registry.published(reserved), made.manifest.job?.id == job.id.text
    else { return nil }
    try registry.announce(made)
    return .completed(
      holder,
      TrainingJob.Result(
        modelURI: try registry.remoteURI(of: reserved), version: reserved, digest: made.digest,
        finalLoss: made.manifest.metrics["final_loss"]))
  }

  /// What an outcome means for a document that still says otherwise.
  private static func change(
    _ stored: StoredJob, _ outcome: BackendOutcome, silentFor limit: Int64
  ) -> TrainingJob.Change? {
    let job = stored.job
    guard !job.status.isFinal, stored.silenceMilliseconds > limit else { return nil }
    switch outcome {
    case .cancelled: return .cancelled("the backend says that it was cancelled")
    case .failed(let message):
      return .failed(job.worker.flatMap { job.status == .running ? $0 : nil }, message)
    case .ended:
      return .failed(
        job.worker.flatMap { job.status == .running ? $0 : nil },
        "the backend says that it ended, and no result was written")
    case .lost: return job.status == .running ? job.worker.map { .takenOver(from: $0) } : nil
    }
  }

  /// One page of jobs, newest first.
  public func list(_ query: JobQuery) throws(RegistryError) -> JobPage { try jobs.list(query) }

  /// Ends a job: its worker notices with its next sign of life, and stops.
  @discardableResult
  public func cancel(_ id: JobID, reason: String? = nil) throws(RegistryError) -> StoredJob {
    let changed = try change(id) { stored in
      guard stored.job.status != .cancelled else { return nil }
      return .cancelled(reason)
    }
    if let changed, let name = changed.job.backend, let backend = backends[name], changed.job.backendID != nil
    {
      do {
        try backend.cancel(changed.job)
      } catch  where error.code == .notFound {
        // It is gone there already.
      }
    }
    return try job(id)
  }

  /// Submits jobs again that wait for a backend which was never reached, or which nothing works on any more. What is wrong
  /// with one job stops no other.
  public func resume(
    progress: ProgressHandler? = nil
  ) throws(RegistryError) -> (resumed: [JobID], problems: [String]) {
    var resumed: [JobID] = []
    var problems: [String] = []
    for status in [JobStatus.queued, .running] {
      var query = JobQuery(robot: registry.robotName, status: status, limit: 100)
      repeat {
        let page = try jobs.list(query)
        for stored in page.jobs {
          try ask(progress)
          do throws(RegistryError) {
            if try resume(stored.job.id) { resumed.append(stored.job.id) }
          } catch {
            if error.code == .cancelled { throw error }
            problems.append("\(stored.job.id): \(error.message); \(error.hint)")
          }
        }
        query.after = page.next
      } while query.after != nil
    }
    return (resumed, problems)
  }

  /// Whether to go on: a handler of progress throws where not.
  private func ask(_ progress: ProgressHandler?) throws(RegistryError) {
    guard let progress else { return }
    try naming { try progress(0, 0) }
  }

  private func resume(_ id: JobID) throws(RegistryError) -> Bool {
    let now = try jobStatus(id)
    guard now.job.status == .queued, let name = now.job.backend, let backend = backends[name] else {
      return false
    }
    if now.job.backendID != nil { guard try backend.outcome(of: now.job) == .lost else { return false } }
    _ = try submit(id, to: backend)
    return true
  }
}
