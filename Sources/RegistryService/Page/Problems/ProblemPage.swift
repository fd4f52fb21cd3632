import HTTPTypes
import ModelRegistry
import RegistryModel

/// What went wrong, for people.
struct ProblemPage: Sendable {
  let title: String
  let status: String
  let detail: String
  let unchanged: String
  let hint: String
  /// Where to go on.
  let back: String
  let requestID: String
  let version: String

  init(_ problem: Problem, back: LocalPath = .root, requestID: String) {
    title = problem.title
    status = "\(problem.status.code)"
    // It may begin with a name, which is written as it is.
    detail = Self.ended(problem.detail)
    unchanged = Self.sentence(problem.unchanged)
    hint = Self.sentence(problem.hint)
    self.back = back.text
    self.requestID = requestID
    version = Build.current.version
  }

  /// With a capital, and a full stop where there is no mark.
  private static func sentence(_ text: String) -> String {
    text.first.map { "\($0.uppercased())\(ended(String(text.dropFirst())))" } ?? ""
  }

  private static func ended(_ text: String) -> String {
    text.last.map { ".!?".contains($0) ? text : "\(text)." } ?? ""
  }
}

/// Somebody else was faster: what was asked for was not done, and this is what is so now.
struct ConflictPage: Sendable {
  let frame: PageFrame
  let wanted: String
  let seen: String
  let running: RunningSet?
  /// What was switched since, newest first.
  let switches: [SwitchRow]
  let hasSwitches: Bool

  /// - Parameters:
  ///   - wanted: what was asked for, as a sentence says it: "Activate robot_001_v4".
  ///   - seen: the generation that the page showed.
  ///   - active: `/api/active`; null where nothing is active.
  ///   - switches: the newest entries of `/api/history`.
  init(
    _ frame: PageFrame, wanted: String, seen: Int, active: JSONValue, switches: [JSONValue], now: Timestamp
  ) {
    self.frame = frame
    self.wanted = wanted
    self.seen = seen == 0 ? "nothing was active" : "generation \(seen) was active"
    running = active.isNull ? nil : RunningSet(active, switches, now: now)
    let since = switches.prefix { $0.whole("generation") != Int64(seen) || $0.text("state") == "refused" }
    self.switches = since.filter { $0.text("state") != "refused" }.map { SwitchRow($0, now: now) }
    hasSwitches = !self.switches.isEmpty
  }
}

/// Something was done, and not all of it went well.
struct WarningPage: Sendable {
  let frame: PageFrame
  let done: String
  let warnings: [String]
  let back: String
}
