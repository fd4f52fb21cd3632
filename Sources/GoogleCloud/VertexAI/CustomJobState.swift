/// How far a custom job is, as Vertex AI says it.
public enum CustomJobState: Hashable, Sendable {
  case queued
  case pending
  case running
  case succeeded
  case failed
  case cancelling
  case cancelled
  case paused
  case expired
  case updating
  case partiallySucceeded
  /// Nothing was said, or a word that isn't known here: it may still do anything.
  case unknown(String?)

  /// How a job ended.
  public enum Outcome: String, Hashable, Sendable {
    case succeeded, failed, cancelled
  }

  /// Reads `JOB_STATE_RUNNING` and its kin; never fails.
  public init(_ text: String?) {
    switch text {
    case "JOB_STATE_QUEUED": self = .queued
    case "JOB_STATE_PENDING": self = .pending
    case "JOB_STATE_RUNNING": self = .running
    case "JOB_STATE_SUCCEEDED": self = .succeeded
    case "JOB_STATE_FAILED": self = .failed
    case "JOB_STATE_CANCELLING": self = .cancelling
    case "JOB_STATE_CANCELLED": self = .cancelled
    case "JOB_STATE_PAUSED": self = .paused
    case "JOB_STATE_EXPIRED": self = .expired
    case "JOB_STATE_UPDATING": self = .updating
    case "JOB_STATE_PARTIALLY_SUCCEEDED": self = .partiallySucceeded
    case "JOB_STATE_UNSPECIFIED", nil: self = .unknown(nil)
    case let other?: self = .unknown(other)
    }
  }

  /// How it ended; nil while it may go on. A part of a result is no result, so what succeeded in part has failed.
  public var outcome: Outcome? {
    switch self {
    case .succeeded: .succeeded
    case .failed, .expired, .partiallySucceeded: .failed
    case .cancelled: .cancelled
    case .queued, .pending, .running, .cancelling, .paused, .updating, .unknown: nil
    }
  }

  /// Whether nothing follows.
  public var isFinal: Bool { outcome != nil }
}

extension CustomJobState: CustomStringConvertible {
  public var description: String {
    switch self {
    case .queued: "queued"
    case .pending: "pending"
    case .running: "running"
    case .succeeded: "succeeded"
    case .failed: "failed"
    case .cancelling: "cancelling"
    case .cancelled: "cancelled"
    case .paused: "paused"
    case .expired: "expired"
    case .updating: "updating"
    case .partiallySucceeded: "partially succeeded"
    case .unknown(let word): word.map { "unknown (\(String($0.prefix(60))))" } ?? "unknown"
    }
  }
}
