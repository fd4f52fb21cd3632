/// How far a training job is.
public enum JobStatus: String, CaseIterable, Sendable {
  /// Made, and nothing sent yet.
  case pending
  /// Its episodes go up.
  case uploading
  /// Somebody may take it.
  case queued
  /// A worker has it.
  case running
  case completed
  case failed
  case cancelled

  /// Whether nothing follows.
  public var isFinal: Bool { next.isEmpty }

  /// Whether this may follow; anything else is refused.
  public func allows(_ status: JobStatus) -> Bool { next.contains(status) }

  private var next: Set<JobStatus> {
    switch self {
    case .pending: [.uploading, .queued, .running, .failed, .cancelled]
    case .uploading: [.queued, .failed, .cancelled]
    case .queued: [.running, .failed, .cancelled]
    // Queued again: given back, or taken from a worker that died.
    case .running: [.queued, .completed, .failed, .cancelled]
    case .completed, .failed, .cancelled: []
    }
  }
}
