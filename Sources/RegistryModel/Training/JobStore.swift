/// Where jobs are kept: Firestore, or the embedded index. Both do what one suite of tests asks.
///
/// Every change is a compare-and-swap on what was read, so that of two who change one job at once one must look again.
/// Calls block until the store answered and the change is durable.
///
/// Errors, which all share: `remote` where the store can't be reached or keeps failing, `permission` for credentials that
/// are missing or not enough, `integrity` for a document that can't be read, which is left alone.
public protocol JobStore: Sendable {
  /// What the store is, for messages.
  var name: String { get }

  /// Makes a document that isn't there yet; nil, and nothing changed, where one of that name is. A repetition of one's own
  /// creation whose answer was lost counts as made.
  func create(_ job: TrainingJob) throws(RegistryError) -> StoredJob?

  /// The document; nil when there is none.
  func read(_ id: JobID) throws(RegistryError) -> StoredJob?

  /// Puts a job in the place of exactly what was read; nil, and nothing changed, when something else stands there. A
  /// repetition of one's own change whose answer was lost counts as done.
  func replace(_ stored: StoredJob, with job: TrainingJob) throws(RegistryError) -> StoredJob?

  /// One page, newest first.
  func list(_ query: JobQuery) throws(RegistryError) -> JobPage
}

/// A job as a store has it.
public struct StoredJob: Hashable, Sendable {
  public let job: TrainingJob
  /// Names this very state of the document, in the store's own words.
  public let revision: String
  /// When it was last changed, and when it was read, both by the store's clock: nobody else's decides who is dead.
  public let changedAt: Timestamp
  public let readAt: Timestamp

  public init(job: TrainingJob, revision: String, changedAt: Timestamp, readAt: Timestamp) {
    self.job = job
    self.revision = revision
    self.changedAt = changedAt
    self.readAt = readAt
  }

  /// How long nobody changed it, in milliseconds; 0 where a clock went back.
  public var silenceMilliseconds: Int64 { max(0, readAt.milliseconds - changedAt.milliseconds) }
}

/// Which jobs to list.
public struct JobQuery: Hashable, Sendable {
  /// Of this robot alone; nil: of all.
  public var robot: RobotName?
  public var status: JobStatus?
  /// 1 to 1,000.
  public var limit: Int
  /// What a page before named as ``JobPage/next``.
  public var after: String?

  public init(robot: RobotName? = nil, status: JobStatus? = nil, limit: Int = 100, after: String? = nil) {
    self.robot = robot
    self.status = status
    self.limit = min(max(limit, 1), 1000)
    self.after = after
  }
}

public struct JobPage: Hashable, Sendable {
  public let jobs: [StoredJob]
  /// Documents that can't be read, each with what is wrong.
  public let problems: [String]
  /// Asks for the page behind this one; nil at the end.
  public let next: String?

  public init(jobs: [StoredJob], problems: [String] = [], next: String? = nil) {
    self.jobs = jobs
    self.problems = problems
    self.next = next
  }
}
