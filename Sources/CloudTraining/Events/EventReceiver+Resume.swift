import ModelRegistry
public import RegistryModel

extension EventReceiver {
  /// Begins the jobs of this place that wait although their events were dealt with: given back when a service stopped, or
  /// left by one that died, whose event nobody sends again.
  ///
  /// A job must have been silent for as long as a worker may be, so that one whose event is on its way isn't met here, and one
  /// that is given back again and again comes to its last attempt slowly. Oldest first, until as many run as may.
  public func resume() throws(RegistryError) -> [EventAnswer] {
    var waiting: [TrainingJob] = []
    for status in [JobStatus.queued, .running] {
      var after: String?
      repeat {
        let page = try jobs.list(JobQuery(status: status, limit: 500, after: after))
        waiting += page.jobs.filter { isOverdue($0) }.map(\.job)
        after = page.next
      } while after != nil
    }
    waiting.sort { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    var answers: [EventAnswer] = []
    for job in waiting {
      do {
        switch try submission.begin(job) {
        case .begun(let name): answers.append(.begun(job.id, name))
        case .underWay: break
        case .full: return answers
        case .ended(let message): answers.append(try end(job.id, message))
        }
      } catch {
        answers.append(.trouble(error, job.id))
      }
    }
    return answers
  }

  private func isOverdue(_ stored: StoredJob) -> Bool {
    stored.silenceMilliseconds > takeover && stored.job.backend == .event
      && stored.job.backendID.map { $0 == "\(place)/\(EventBackend.folder)\(stored.job.id).json" } ?? true
  }

  /// Fails a job whose training ended without a word, once it is silent.
  func end(_ id: JobID, _ message: String) throws(RegistryError) -> EventAnswer {
    if let stored = try jobs.read(id), !stored.job.status.isFinal, stored.silenceMilliseconds > takeover {
      let holder = stored.job.status == .running ? stored.job.worker : nil
      _ = try jobs.replace(stored, with: stored.job.applying(.failed(holder, message), at: registry.now))
    }
    return .nothing("\(id) ended: \(message)", id)
  }
}
