import ModelRegistry
import RegistryModel

/// Takes a job by compare-and-swap, with the number of the version that it will be.
struct Claim {
  enum Outcome {
    case held(JobHold)
    case over(Worker.Outcome)
  }

  let worker: Worker
  let workspace: TrainingWorkspace

  func claim(_ id: JobID) throws(RegistryError) -> Outcome {
    for _ in 0..<20 {
      guard let stored = try worker.jobs.read(id) else {
        throw RegistryError(
          .notFound, "there is no job \(id) in \(worker.jobs.name)", hint: "see `train list`")
      }
      let job = stored.job
      switch job.status {
      case .completed: return .over(job.result.map { .completed($0) } ?? .lost(.completed))
      case .failed, .cancelled: return .over(.lost(job.status))
      case .uploading:
        throw RegistryError(.busy, "the episodes of \(id) are still going up", hint: "try again in a while")
      case .running:
        guard let holder = job.worker, isDead(stored, holder) else {
          throw RegistryError(
            .busy,
            "\(id) is with the worker \(job.worker?.id ?? "?"), who was heard of "
              + "\(DurationText(milliseconds: stored.silenceMilliseconds)) ago",
            hint:
              "after \(DurationText(milliseconds: worker.policy.takeoverMilliseconds)) of silence it can be taken over"
          )
        }
        worker.report("takes \(id) over from \(holder.id)")
        _ = try worker.jobs.replace(
          stored, with: job.applying(.takenOver(from: holder), at: worker.registry.now))
      case .pending, .queued:
        if (job.worker?.attempt ?? 0) >= Worker.maximumAttempts {
          let message = "it was begun \(Worker.maximumAttempts) times and never came to an end"
          _ = try worker.jobs.replace(
            stored, with: job.applying(.failed(nil, message), at: worker.registry.now))
          continue
        }
        let reserved = try reservation(job)
        let claimed = try job.applying(
          .claimed(workerID: worker.id, reserved: reserved), at: worker.registry.now)
        try naming { try workspace.setWorker(worker.id) }
        guard let held = try worker.jobs.replace(stored, with: claimed),
          let hold = JobHold(
            held, worker.jobs, intervalMilliseconds: worker.policy.heartbeatMilliseconds,
            now: { [registry = worker.registry] in registry.now })
        else { continue }
        worker.report("claimed \(id), attempt \(hold.holder.attempt), for \(reserved)")
        return .held(hold)
      }
    }
    throw RegistryError(.busy, "others keep changing \(id)", hint: "try again")
  }

  /// By the store's clock; or at once, where the one who worked on it in this very folder has let go of its lock. Who that
  /// was can't always be read: then the clock decides.
  private func isDead(_ stored: StoredJob, _ holder: TrainingJob.Worker) -> Bool {
    stored.silenceMilliseconds > worker.policy.takeoverMilliseconds
      || (try? workspace.lastWorker()) == holder.id
  }

  /// A number that was reserved stays the job's.
  private func reservation(_ job: TrainingJob) throws(RegistryError) -> VersionID {
    guard let adapter = job.adapter else {
      throw RegistryError(
        .refused, "\(job.id) doesn't say whose version it trains", hint: "trigger it with this program")
    }
    if let reserved = job.reserved { return reserved }
    return try worker.registry.nextRemoteNumber(adapter)
  }
}

/// Runs what may fail on the disk, and says it as every verb does.
func naming<T>(_ body: () throws -> T) throws(RegistryError) -> T {
  do {
    return try body()
  } catch let error as RegistryError {
    throw error
  } catch {
    throw RegistryError(.failed, "\(error)", hint: "run `modelctl doctor`")
  }
}
