/// What may happen to a job: the state machine, without a store or a clock.
extension TrainingJob {
  public enum Change: Hashable, Sendable {
    /// Its episodes begin to go up.
    case uploading
    /// Its episodes are up, and somebody may take it.
    case queued(episodesURI: String, episodesDigest: Digest)
    /// A backend was asked, and calls it so.
    case submitted(backendID: String)
    /// A worker takes it and will make this version.
    case claimed(workerID: String, reserved: VersionID)
    /// The holder lives, and is so far.
    case heartbeat(Worker, TrainerProgress?)
    /// The holder takes another number, as this one has somebody else's version.
    case renumbered(Worker, reserved: VersionID)
    /// The holder can't go on; another may.
    case givenBack(Worker)
    /// The holder fell silent; another may.
    case takenOver(from: Worker)
    case completed(Worker, Result)
    /// By its holder, or, where nobody has it, by whoever was to get it started.
    case failed(Worker?, String)
    case cancelled(String?)
  }

  /// The longest text of an error that a document keeps, in bytes.
  public static let errorBytes = 4096

  /// The job after this change, with a new `seq`.
  ///
  /// - Throws: `refused` where its status doesn't allow it, or somebody else holds it.
  public func applying(_ change: Change, at now: Timestamp) throws(RegistryError) -> TrainingJob {
    var job = self
    switch change {
    case .uploading: try job.move(to: .uploading)
    case .queued(let uri, let digest):
      try job.move(to: .queued)
      (job.episodesURI, job.episodesDigest) = (uri, digest)
    case .submitted(let backendID):
      guard !status.isFinal else { throw ended }
      job.backendID = backendID
    case .claimed(let workerID, let reserved):
      try job.move(to: .running)
      job.worker = Worker(id: workerID, attempt: 1 + (worker?.attempt ?? 0), heartbeatAt: now)
      job.reserved = reserved
      job.progress = nil
    case .heartbeat(let holder, let progress):
      try require(holder)
      job.worker?.heartbeatAt = now
      job.progress = progress ?? job.progress
    case .renumbered(let holder, let reserved):
      try require(holder)
      job.worker?.heartbeatAt = now
      job.reserved = reserved
    case .givenBack(let holder), .takenOver(let holder):
      try require(holder)
      try job.move(to: .queued)
    case .completed(let holder, let result):
      try require(holder)
      try job.move(to: .completed)
      job.result = result
      job.error = nil
    case .failed(let holder, let message):
      if let holder { try require(holder) } else if status == .running { throw held }
      try job.move(to: .failed)
      job.error = message.storable(maximumBytes: Self.errorBytes, keepingNewlines: true)
    case .cancelled(let reason):
      try job.move(to: .cancelled)
      job.error = reason?.storable(maximumBytes: Self.errorBytes, keepingNewlines: true)
    }
    job.seq += 1
    job.updatedAt = max(now, updatedAt)
    return job
  }

  private mutating func move(to next: JobStatus) throws(RegistryError) {
    guard !status.isFinal else { throw ended }
    guard status.allows(next) else {
      throw RegistryError(
        .refused, "\(id) is \(status.rawValue), and can't become \(next.rawValue)",
        hint: "`modelctl train status \(id)` shows it")
    }
    status = next
  }

  private func require(_ holder: Worker) throws(RegistryError) {
    guard status == .running, let worker else { throw status.isFinal ? ended : lost }
    guard worker.id == holder.id, worker.attempt == holder.attempt else { throw lost }
  }

  private var ended: RegistryError {
    RegistryError(
      .refused, "\(id) is \(status.rawValue) already",
      hint: "`modelctl train status \(id)` shows what came of it")
  }

  private var lost: RegistryError {
    RegistryError(
      .refused, "\(id) belongs to \(worker?.id ?? "nobody") now",
      hint: "its new worker goes on; `modelctl train status \(id)` shows it")
  }

  private var held: RegistryError {
    RegistryError(
      .refused, "\(id) is with the worker \(worker?.id ?? "?")",
      hint: "`modelctl train cancel \(id)` ends it")
  }
}
