public import RegistryModel

/// What an event is answered with: whoever sent it sends it again where this is no success.
public struct EventAnswer: Hashable, Sendable {
  /// 202: begun. 204: nothing to do. 4xx and 5xx: not done, and to come again.
  public let status: Int
  /// One line, for whoever reads logs; empty where there is nothing to say.
  public let text: String
  public let retryAfterSeconds: Int?
  public let job: JobID?

  /// What the sender is told: paths and addresses of this machine are for its own log.
  public var publicText: String {
    status < 500 ? text : "\(job.map { "\($0)" } ?? "it") is not begun; the service's log says why"
  }

  init(_ status: Int, _ text: String, retryAfterSeconds: Int? = nil, job: JobID? = nil) {
    self.status = status
    self.text = text
    self.retryAfterSeconds = retryAfterSeconds
    self.job = job
  }

  static func begun(_ job: JobID, _ name: String) -> EventAnswer {
    EventAnswer(202, "\(job): \(name)", job: job)
  }
  static func nothing(_ why: String, _ job: JobID? = nil) -> EventAnswer { EventAnswer(204, why, job: job) }

  /// All that may run at once run.
  static func full(_ job: JobID) -> EventAnswer {
    EventAnswer(503, "\(job) has to wait: as many as may run do", retryAfterSeconds: 30, job: job)
  }

  /// The job couldn't be begun: what is away may be back soon, and what is wrong is for an operator.
  static func trouble(_ error: RegistryError, _ job: JobID) -> EventAnswer {
    let isPassing = [.remote, .busy].contains(error.code)
    return EventAnswer(
      isPassing ? 503 : 500, "\(job) is not begun: \(error)", retryAfterSeconds: isPassing ? 10 : nil,
      job: job)
  }
}
