import RegistryModel
import Testing

/// One thing that every store of jobs must do, whatever it is. Each is given a store with nothing in it.
struct JobStoreCase: Sendable, CustomTestStringConvertible {
  /// What not every store or peer has around it; one that can't says so by name.
  enum Need: String, Sendable, CaseIterable {
    /// Somebody else writes into its documents.
    case others
    /// Its clock can be moved.
    case clock
  }

  let name: String
  var needs: Set<Need> = []
  let body: @Sendable (JobStage) throws -> Void

  var testDescription: String { name }

  static let all: [JobStoreCase] = making + changing + listing + sharing
}

/// A store, and what a test may do around it.
struct JobStage: Sendable {
  let store: any JobStore
  /// Nil where nobody else can write into the store.
  var others: (any ForeignJobs)?
  /// Moves the store's clock by so many seconds; nil where it can't be moved.
  var advance: (@Sendable (Double) -> Void)?

  func foreign() throws -> any ForeignJobs { try #require(others) }
  func move(_ seconds: Double) throws {
    let advance = try #require(advance)
    advance(seconds)
  }

  var has: Set<JobStoreCase.Need> {
    Set(JobStoreCase.Need.allCases.filter { $0 == .others ? others != nil : advance != nil })
  }
}

/// Somebody else who keeps things in the documents of jobs.
protocol ForeignJobs: Sendable {
  /// Sets members of a document, and makes it where it isn't there. Times are text, as in older documents.
  func write(_ id: String, _ members: [String: JSONValue]) throws
  /// The whole document; times are text.
  func members(of id: String) throws -> [String: JSONValue]
}

/// Times in order: the n-th second of a day.
func moment(_ second: Int64) -> Timestamp { Timestamp(milliseconds: 1_767_600_000_000 + second * 1000) }

extension TrainingJob {
  /// A job as tests make them.
  static func made(
    _ id: String = "job_000000000001", robot: String = "robot_001", at second: Int64 = 0,
    config: JSONValue = ["epochs": 100, "learning_rate": 0.0001], backend: TrainingBackendName = .vertex
  ) throws -> TrainingJob {
    TrainingJob(
      id: try JobID(parsing: id), robot: try RobotName(parsing: robot), createdAt: moment(second),
      config: config, adapter: try AdapterName(parsing: "robot_001"), base: nil, backend: backend)
  }

  /// The n-th of many.
  static func numbered(_ number: Int, at second: Int64? = nil) throws -> TrainingJob {
    let digits = "\(number)"
    return try made(
      "job_" + String(repeating: "0", count: 12 - digits.utf8.count) + digits, at: second ?? Int64(number))
  }

  /// The same change at a time that doesn't matter: the store's own decides.
  func with(_ change: Change) throws -> TrainingJob { try applying(change, at: updatedAt) }

  func claimed(by worker: String) throws -> TrainingJob {
    try with(.claimed(workerID: worker, reserved: VersionID(parsing: "robot_001_v4")))
  }

  /// What it says, whenever that was written.
  var content: JSONValue {
    var members = json.asObject ?? [:]
    members["updated_at"] = nil
    return .object(members)
  }
}

extension JobStore {
  /// All pages of a list.
  func all(_ query: JobQuery) throws -> (jobs: [StoredJob], problems: [String], pages: Int) {
    var query = query
    var jobs: [StoredJob] = []
    var problems: [String] = []
    var pages = 0
    repeat {
      let page = try list(query)
      #expect(page.jobs.count + page.problems.count <= query.limit)
      jobs += page.jobs
      problems += page.problems
      query.after = page.next
      pages += 1
    } while query.after != nil && pages < 2000
    return (jobs, problems, pages)
  }
}
