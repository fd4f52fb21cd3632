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
    facts.add("Robot", job.text("robot_id"))
    facts.add("Adapter", job.text("adapter"))
    if let base = job["base"]?.text("version") { facts.add("Base", base, path: PagePath.version(base)) }
    facts.add(
      "Backend", [job.text("backend"), job.text("backend_id")].compactMap(\.self).joined(separator: ", "))
    if let digest = job.text("episodes_digest") {
      facts.add("Episodes", Shown.digest(digest), path: PagePath.lineage("archive:\(digest)"), isCode: true)
    }
    facts.add("Archive", job.text("episodes_uri"), isCode: true)
    facts.add("Worker", job["worker"]?.text("id"), isCode: true)
    facts.add("Attempt", job["worker"]?.whole("attempt").map { "\($0)" })
    facts.add("Made", job.moment("created_at", now: now).map { "\($0.text), \($0.ago)" })
    facts.add("Changed", job.moment("updated_at", now: now).map { "\($0.text), \($0.ago)" })
    let result = job["result"]
    if let version = result?.text("version") { facts.add("Result", version, path: PagePath.version(version)) }
    facts.add("Final loss", result?.decimal("final_loss").map { Shown.number($0) })
    facts.add(
      "Took", result?.decimal("training_time_s").map { Shown.span(Int64(min(max($0, 0), 1e12) * 1000)) })
    return facts
  }
}
