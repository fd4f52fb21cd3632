import RegistryModel

/// A training job in a line.
struct JobRow: Hashable, Sendable {
  let id: String
  let path: String
  let badge: Badge
  let adapter: String
  let backend: String
  let created: Moment?
  let isUnderWay: Bool
  /// From 0 to 100; nil where nobody knows how far it goes.
  let percent: Int64?
  let progress: String
  let hasProgress: Bool
  let loss: String
  let hasLoss: Bool
  let result: Link?

  /// - Parameter job: its document.
  init(_ job: JSONValue, now: Timestamp) {
    id = job.text("job_id") ?? ""
    path = PagePath.job(id)
    let status = JobStatus(rawValue: job.text("status") ?? "")
    badge = Self.badge(status)
    adapter = job.text("adapter") ?? ""
    backend = job.text("backend") ?? ""
    created = job.moment("created_at", now: now)
    isUnderWay = status.map { !$0.isFinal } ?? false
    let progress = job["progress"]
    let step = progress?.whole("step")
    let total = progress?.whole("total_steps")
    percent =
      if status == .completed { 100 } else if let step, let total { Shown.percent(step, of: total) } else {
        nil
      }
    self.progress =
      step.map { step in
        "step \(Shown.grouped(step))" + (total.map { " of \(Shown.grouped($0))" } ?? "")
      } ?? ""
    hasProgress = !self.progress.isEmpty && isUnderWay
    loss = (job["result"]?.decimal("final_loss") ?? progress?.decimal("loss")).map { Shown.number($0) } ?? ""
    hasLoss = !loss.isEmpty
    result = job["result"]?.text("version").map(Link.version)
  }

  private static func badge(_ status: JobStatus?) -> Badge {
    switch status {
    case nil: Badge("unknown")
    case .pending?: Badge("pending")
    case .uploading?: Badge("uploading", .info)
    case .queued?: Badge("queued")
    case .running?: Badge("running", .info)
    case .completed?: Badge("completed", .good)
    case .failed?: Badge("failed", .bad)
    case .cancelled?: Badge("cancelled", .warn)
    }
  }
}
