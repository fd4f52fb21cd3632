public import ModelRegistry
public import RegistryModel

/// Takes the events of a bucket and has the jobs trained that they name.
///
/// Events repeat and come in any order. What was done is noted by bucket, name and generation before it is done, and taken
/// back where it couldn't be; a job that nobody ever began is begun again by a repetition, as whoever noted its event may
/// have died the next moment. Two who begin one job do no harm: its worker claims it by compare-and-swap.
///
/// Whether the sender may send is not decided here. On Cloud Run the platform verifies the token that pushes carry before
/// they arrive; elsewhere this must not be reachable by strangers, who could have a job begun that waits anyway, and no more.
///
/// Calls block on the store of jobs and the index, and may come from several threads.
public struct EventReceiver: Sendable {
  let registry: Registry
  let jobs: any JobStore
  let submission: any JobSubmission
  let place: RemoteURI
  let takeover: Int64

  /// - Throws: `usage` where episodes go to a directory: only buckets tell of their objects.
  public init(
    _ registry: Registry, jobs: any JobStore, submission: any JobSubmission
  ) throws(RegistryError) {
    place = try registry.dataPlace()
    guard case .bucket = place.place else {
      throw RegistryError(
        .usage, "episodes go to \(place), and only a bucket tells of its objects",
        hint: "set training.data to gs://BUCKET/PREFIX, or run `modelctl worker run --job ID`")
    }
    self.registry = registry
    self.jobs = jobs
    self.submission = submission
    takeover = registry.settings.training.worker.takeoverMilliseconds
  }

  /// What events must be about, for messages.
  public var scope: String { "\(place)/\(EventBackend.folder)JOB.json, jobs in \(jobs.name)" }

  public func receive(headers: [(name: String, value: String)], body: [UInt8]) -> EventAnswer {
    guard body.count <= StorageEvent.maximumBytes else {
      return EventAnswer(413, "an event has at most \(StorageEvent.maximumBytes) bytes")
    }
    do {
      switch try StorageEvent(headers: headers, body: body) {
      case .other(let type): return .nothing("\(type.quoted) is no event of a new object")
      case .finalized(let object):
        guard let job = try JobObject.job(object, in: place) else {
          return .nothing("\(object.name.quoted) in \(object.bucket.quoted) names no job of \(place)")
        }
        return receive(job, object)
      }
    } catch {
      return EventAnswer(400, "\(error)")
    }
  }

  private func receive(_ id: JobID, _ object: StorageEvent.Object) -> EventAnswer {
    do {
      guard let stored = try jobs.read(id) else {
        // A job is written before its object: it is another store's, or gone, and an operator may know.
        return EventAnswer(404, "there is no job \(id) in the store of jobs", job: id)
      }
      let job = stored.job
      switch job.status {
      case .completed, .failed, .cancelled: return .nothing("\(id) is \(job.status.rawValue)", id)
      case .running where stored.silenceMilliseconds <= takeover:
        return .nothing("\(id) is with \(job.worker?.id.quoted ?? "a worker")", id)
      case .uploading:
        return EventAnswer(503, "the episodes of \(id) are still going up", retryAfterSeconds: 30, job: id)
      case .pending, .queued, .running: return try begin(job, object)
      }
    } catch {
      return .trouble(error, id)
    }
  }

  private func begin(_ job: TrainingJob, _ object: StorageEvent.Object) throws(RegistryError) -> EventAnswer {
    let isNew = try registry.noteEvent(
      bucket: object.bucket, object: object.name, generation: object.generation)
    if !isNew, job.worker != nil { return .nothing("this event of \(job.id) was dealt with", job.id) }
    do {
      switch try submission.begin(job) {
      case .begun(let name): return .begun(job.id, name)
      case .underWay: return .nothing("\(job.id) is under way", job.id)
      case .full:
        forget(object)
        return .full(job.id)
      case .ended(let message): return try end(job.id, message)
      }
    } catch {
      forget(object)
      throw error
    }
  }

  /// Where this fails as well, the repetition finds a job that nobody began, and begins it.
  private func forget(_ object: StorageEvent.Object) {
    try? registry.forgetEvent(bucket: object.bucket, object: object.name, generation: object.generation)
  }
}
