import RegistryModel

/// One training job: how far it is, how its loss goes, and what came of it.
struct JobPage: Sendable {
  let frame: PageFrame
  let job: JobRow
  let facts: [Fact]
  let config: [Fact]
  let curve: LossCurve?
  let error: [String]
  let hasError: Bool
  let isCompleted: Bool

  /// - Parameters:
  ///   - document: the job's.
  ///   - curve: what is known of its loss.
  init(_ frame: PageFrame, _ document: JSONValue, curve: [TrainerProgress], now: Timestamp) {
    self.frame = frame
    job = JobRow(document, now: now)
    facts = Self.facts(document, now: now)
    config = (document["config"]?.sorted ?? []).map { Fact(name: $0.name, value: $0.value.shown) }
    self.curve = LossCurve(curve)
    error = document.text("error").map(Shown.lines) ?? []
    hasError = !error.isEmpty
    isCompleted = document.text("status") == JobStatus.completed.rawValue
  }

  private static func facts(_ job: JSONValue, now: Timestamp) -> [Fact] {
    var facts: [Fact] = []
    func add(_ name: String, _ value: String?, path: String? = nil, isCode: Bool = false) {
      guard let value, !value.isEmpty else { return }
      facts.append(Fact(name: name, value: value, path: path, isCode: isCode))
    }
    add("Robot", job.text("robot_id"))
    add("Adapter", job.text("adapter"))
    if let base = job["base"]?.text("version") { add("Base", base, path: PagePath.version(base)) }
    add("Backend", [job.text("backend"), job.text("backend_id")].compactMap(\.self).joined(separator: ", "))
    if let digest = job.text("episodes_digest") {
      add("Episodes", Shown.digest(digest), path: PagePath.lineage("archive:\(digest)"), isCode: true)
    }
    add("Archive", job.text("episodes_uri"), isCode: true)
    add("Worker", job["worker"]?.text("id"), isCode: true)
    add("Attempt", job["worker"]?.whole("attempt").map { "\($0)" })
    add("Made", job.moment("created_at", now: now).map { "\($0.text), \($0.ago)" })
    add("Changed", job.moment("updated_at", now: now).map { "\($0.text), \($0.ago)" })
    let result = job["result"]
    if let version = result?.text("version") { add("Result", version, path: PagePath.version(version)) }
    add("Final loss", result?.decimal("final_loss").map { Shown.number($0) })
    add("Took", result?.decimal("training_time_s").map { Shown.span(Int64(min(max($0, 0), 1e12) * 1000)) })
    return facts
  }
}
