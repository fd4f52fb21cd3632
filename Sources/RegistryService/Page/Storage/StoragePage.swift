import RegistryModel

/// The disk, the remote, what is done by itself, and what is wrong.
struct StoragePage: Sendable {
  struct Job: Hashable, Sendable {
    let name: String
    let title: String
    let every: String
    let next: String
    let last: Moment?
    let lastBadge: Badge?
    let lastPath: String?
    let problem: String?
    let running: String?
  }

  struct Waiting: Hashable, Sendable {
    let version: Link
    let since: Moment?
    let problem: String?
  }

  struct Use: Hashable, Sendable {
    /// The part of what is stored and what is free together, from 0 to 100.
    let percent: Int64
    let text: String
  }

  let frame: PageFrame
  let problems: [String]
  let use: Use?
  let facts: [Fact]
  let pins: [Link]
  let hasPins: Bool
  let remote: String?
  let synced: Moment?
  let waiting: [Waiting]
  let hasWaiting: Bool
  let jobs: [Job]
  let hasJobs: Bool

  /// - Parameters:
  ///   - status: `/api/status`.
  ///   - schedule: the jobs of `/api/schedule`.
  init(_ frame: PageFrame, status: JSONValue, schedule: [JSONValue], now: Timestamp) {
    self.frame = frame
    problems = status.texts("problems")
    use = Self.use(status)
    facts = Self.facts(status, now: now)
    pins = status.texts("pins").map(Link.version)
    hasPins = !pins.isEmpty
    let remote = status["remote"] ?? .null
    self.remote = remote.text("uri")
    synced = remote.moment("synced_at", now: now)
    waiting = remote.list("waiting").map {
      Waiting(
        version: .version($0.text("version") ?? ""), since: $0.moment("since", now: now),
        problem: $0.text("problem"))
    }
    hasWaiting = !waiting.isEmpty
    jobs = schedule.map { Job($0, now: now) }
    hasJobs = !jobs.isEmpty
  }

  private static func use(_ status: JSONValue) -> Use? {
    guard let stored = status.whole("blob_bytes"), let free = status.whole("free_bytes") else { return nil }
    let percent = Shown.percent(stored, of: stored + free)
    return Use(percent: percent, text: "\(Shown.bytes(stored)) stored, \(Shown.bytes(free)) free")
  }

  private static func facts(_ status: JSONValue, now: Timestamp) -> [Fact] {
    var facts = [
      Fact(name: "Store", value: status.text("root") ?? "", isCode: true),
      Fact(name: "Versions", value: status.whole("versions").map(Shown.grouped) ?? "unknown"),
      Fact(name: "Installed", value: status.whole("installed").map(Shown.grouped) ?? "unknown"),
      Fact(name: "Blobs", value: status.whole("blobs").map(Shown.grouped) ?? "unknown"),
      Fact(name: "Reserve for going back", value: status.holds("reserve") ? "there" : "used up"),
      Fact(name: "Blocked digests", value: status.whole("blocked_digests").map(Shown.grouped) ?? "unknown"),
    ]
    facts.add("Damaged blobs", status.whole("damaged_blobs").map(Shown.grouped))
    if let scrub = status["scrub"], !scrub.isNull {
      let finished = scrub.moment("finished_at", now: now)
      facts.add("All bytes read again", finished.map { "\($0.text), \($0.ago)" } ?? "not yet")
    }
    return facts
  }
}

extension StoragePage.Job {
  fileprivate init(_ job: JSONValue, now: Timestamp) {
    name = job.text("name") ?? ""
    title = Self.titles[name] ?? name
    every = job.decimal("interval").map { Shown.span(Int64($0 * 1000)) } ?? "only when asked"
    next = job.decimal("next_in").map { $0 < 1 ? "now" : "in \(Shown.span(Int64($0 * 1000)))" } ?? "—"
    let last = job["last"] ?? .null
    let row = last.isNull ? nil : OperationRow(last, now: now)
    self.last = last.moment("ended_at", now: now)
    lastBadge = row?.badge
    lastPath = row?.path
    problem = row?.problem
    running = job.text("running").map(PagePath.operation)
  }

  private static let titles = [
    "sync": "Sync with the remote", "gc": "Tidy up what nobody needs", "scrub": "Read all bytes again",
    "training": "Decide whether to train",
  ]
}
