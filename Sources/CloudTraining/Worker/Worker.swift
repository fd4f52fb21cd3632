public import ModelRegistry
public import RegistryModel

/// Trains one job: claims it, brings its archive and base, runs the trainer, publishes what it wrote with its lineage, and
/// completes the document.
///
/// Killed at any step and started again, here or elsewhere, it ends in one version: the number is reserved in the document
/// before anything is published, the remote takes one manifest under it, and whoever finds this very job's manifest there
/// has nothing left to do but to say so. Nothing is published into the registry that it is given, which keeps the jobs and
/// says where everything is: what a robot has comes to it by `sync` or `train install`, as for any other trainer.
public struct Worker: Sendable {
  public enum Outcome: Hashable, Sendable {
    case completed(TrainingJob.Result)
    case failed(String)
    /// It was told to stop, and another may go on.
    case gaveBack
    /// Somebody else has the job, or it was ended.
    case lost(JobStatus)
  }

  /// A job that was claimed so often without an end won't come to one.
  public static let maximumAttempts: Int64 = 20

  let registry: Registry
  let options: OpenOptions
  let jobs: any JobStore
  let policy: WorkerPolicy
  let id: String
  /// Whether to stop: looked at ten times a second.
  let shouldStop: @Sendable () -> Bool
  let report: @Sendable (String) -> Void
  let progress: @Sendable (TrainerProgress) -> Void

  /// - Parameters:
  ///   - options: with which the registry was opened; the worker makes a store of its own for what it publishes.
  ///   - report: is told what goes on, a sentence at a time.
  public init(
    _ registry: Registry, _ options: OpenOptions, jobs: any JobStore,
    shouldStop: @escaping @Sendable () -> Bool = { false },
    report: @escaping @Sendable (String) -> Void = { _ in },
    progress: @escaping @Sendable (TrainerProgress) -> Void = { _ in }
  ) {
    self.registry = registry
    self.options = options
    self.jobs = jobs
    policy = options.configuration.training.worker
    id = "\(registry.robotName.text):\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"
    self.shouldStop = shouldStop
    self.report = report
    self.progress = progress
  }

  /// - Throws: `busy` while another worker has the job; `notFound` where there is none; what the machine or network can't do,
  ///   after the job was given back.
  public func run(_ job: JobID) throws(RegistryError) -> Outcome {
    guard let workspace = try registry.trainingWorkspace(job) else {
      throw RegistryError(
        .busy, "another process works on \(job) here", hint: "`modelctl train watch \(job)`")
    }
    defer { workspace.release() }
    let claim: Claim.Outcome
    do {
      claim = try Claim(worker: self, workspace: workspace).claim(job)
    } catch {
      guard try fail(job, before: error) else { throw error }
      return .failed(error.message)
    }
    guard case .held(let hold) = claim else {
      guard case .over(let outcome) = claim else { preconditionFailure("a claim is held or over") }
      return outcome
    }
    hold.begin()
    defer { hold.end() }
    do {
      let outcome = try Training(worker: self, workspace: workspace, hold: hold).run()
      if case .completed = outcome { workspace.remove() }
      return outcome
    } catch {
      return try end(hold, error)
    }
  }

  /// A job that nobody can claim is failed, or it would be begun again and again.
  private func fail(_ id: JobID, before error: RegistryError) throws(RegistryError) -> Bool {
    guard [.refused, .usage].contains(error.code), let stored = try? jobs.read(id),
      [.pending, .queued].contains(stored.job.status)
    else { return false }
    return try jobs.replace(stored, with: stored.job.applying(.failed(nil, error.message), at: registry.now))
      != nil
  }

  /// What is wrong with the job fails it; what is wrong here lets another try.
  private func end(_ hold: JobHold, _ error: RegistryError) throws(RegistryError) -> Outcome {
    switch error.code {
    case .integrity, .refused, .usage, .notFound:
      let message = error.message
      guard try hold.change(.failed(hold.holder, message)) != nil else { return try lost(hold) }
      return .failed(message)
    case .failed, .noSpace, .remote, .permission, .busy, .cancelled:
      _ = try? hold.change(.givenBack(hold.holder))
      throw RegistryError(
        error.code, error.message, unchanged: "\(hold.job.id) was given back", hint: error.hint)
    }
  }

  func lost(_ hold: JobHold) throws(RegistryError) -> Outcome {
    .lost((try jobs.read(hold.job.id))?.job.status ?? .cancelled)
  }
}
