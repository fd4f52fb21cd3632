import RegistryModel

/// Jobs, whether to train now and why, and what is configured.
struct TrainingPage: Sendable {
  struct Reason: Hashable, Sendable {
    let badge: Badge
    let scope: String
    let text: String
  }

  /// What the page is made from.
  struct Source: Sendable {
    /// `/api/training/cloud/jobs`; null where they can't be had, and `problem` says why.
    var jobs: JSONValue
    /// `/api/training/cloud/decision`; null likewise.
    var decision: JSONValue
    var settings: JSONValue
    var problems: [String] = []
  }

  let frame: PageFrame
  let jobs: [JobRow]
  let isEmpty: Bool
  /// Whether something goes on that nobody sends events of.
  let isUnderWay: Bool
  let next: String?
  let first: String?
  let decision: String?
  let reasons: [Reason]
  let hasReasons: Bool
  let settings: [Fact]
  let adapter: String
  let backends: [Choice]
  let problems: [String]
  let hasProblems: Bool

  struct Choice: Hashable, Sendable {
    let name: String
    let isChosen: Bool
  }

  init(_ frame: PageFrame, _ source: Source, isFirst: Bool, now: Timestamp) {
    self.frame = frame
    jobs = source.jobs.list("jobs").map { JobRow($0, now: now) }
    isEmpty = jobs.isEmpty
    isUnderWay = jobs.contains(where: \.isUnderWay)
    next = source.jobs.text("next").map { PagePath.with("/training", ["after": $0]) }
    first = isFirst ? nil : "/training"
    decision =
      switch source.decision.text("decision") {
      case "local": "Train here"
      case "cloud": "Train in the cloud"
      case "wait": "Wait"
      default: nil
      }
    reasons = source.decision.list("reasons").map { reason in
      Reason(
        badge: reason.holds("holds") ? Badge("yes", .good) : Badge("no", .warn),
        scope: reason.text("scope") ?? "",
        text: reason.text("text") ?? "")
    }
    hasReasons = !reasons.isEmpty
    let settings = source.settings
    self.settings = [
      Fact(name: "Adapter", value: settings.text("adapter") ?? "not set"),
      Fact(name: "Backend", value: settings.text("backend") ?? "not set"),
      Fact(name: "Trains by itself", value: settings["auto"]?.shown ?? "—"),
      Fact(name: "Installs results", value: settings["auto_install"]?.shown ?? "—"),
      Fact(name: "Activates results", value: settings["auto_activate"]?.shown ?? "—"),
    ]
    adapter = settings.text("adapter") ?? ""
    let chosen = settings.text("backend")
    backends = TrainingBackendName.allCases.map { Choice(name: $0.rawValue, isChosen: $0.rawValue == chosen) }
    problems = source.problems + source.jobs.texts("problems")
    hasProblems = !problems.isEmpty
  }
}
