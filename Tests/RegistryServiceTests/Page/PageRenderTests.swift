import RegistryModel
import Testing

@testable import RegistryService

private typealias Example = PageExamples

/// Every page from documents: what comes out is well formed, can be read by a screen reader, and has no empty link.
@Suite struct `Every page` {
  private static let now = Example.now

  private static let models: [(template: String, model: any Sendable)] = [
    (
      "overview",
      OverviewPage(
        frame(),
        OverviewPage.Source(
          status: Example.status(problems: ["blob 1 is damaged"]), switches: Example.switches,
          operations: Example.operations, millisecondsLeft: 580_000), now: now)
    ),
    (
      "overview",
      OverviewPage(
        frame(), OverviewPage.Source(status: Example.status("confirmed"), switches: Example.switches),
        now: now)
    ),
    (
      "overview", OverviewPage(frame([.read], .local), OverviewPage.Source(status: ["versions": 0]), now: now)
    ),
    (
      "versions",
      VersionListPage(frame(), Example.versions, adapter: nil, isFirst: true, onTrial: true, now: now)
    ),
    (
      "versions",
      VersionListPage(frame([.read]), .null, adapter: "x", isFirst: false, onTrial: false, now: now)
    ),
    (
      "version",
      VersionPage(
        frame(), VersionPage.Source(version: Example.shown, evaluations: Example.evaluations, active: "a_v1"),
        now: now)
    ),
    (
      "version",
      VersionPage(
        frame(),
        VersionPage.Source(version: Example.version(3, changes: ["installed": false, "blocked": true])),
        now: now)
    ),
    ("diff", DiffPage(frame(), Example.diff)), ("diff", DiffPage(frame(), ["from": "a_v1", "to": "a_v1"])),
    (
      "lineage",
      LineagePage(frame(), Example.lineage, subject: "robot_001_v4", depth: 4, showsEpisodes: true)
    ),
    ("lineage-start", LineageStartPage(frame(), active: Example.active("trial"))),
    ("lineage-start", LineageStartPage(frame(), active: .null)),
    (
      "training",
      TrainingPage(
        frame(),
        TrainingPage.Source(jobs: Example.jobs, decision: Example.decision, settings: Example.settings),
        isFirst: true, now: now)
    ),
    (
      "training",
      TrainingPage(
        frame([.read]), TrainingPage.Source(jobs: .null, decision: .null, settings: .null, problems: ["x"]),
        isFirst: false, now: now)
    ),
    ("job", JobPage(frame(), Example.job("running"), curve: Example.curve, now: now)),
    ("job", JobPage(frame(), Example.jobs.list("jobs")[1], curve: [], now: now)),
    ("job", JobPage(frame(), Example.jobs.list("jobs")[2], curve: [], now: now)),
    (
      "history",
      HistoryPage(
        frame(), ["switches": .array(Example.switches), "next": "4"], adapter: "robot_001", isFirst: false,
        now: now)
    ),
    ("history", HistoryPage(frame(), .null, adapter: nil, isFirst: true, now: now)),
    (
      "audit",
      AuditPage(
        frame(), Example.audit, older: 3, isFirst: false, check: ["records": 3, "problems": ["a", "b"]],
        now: now)
    ),
    ("audit", AuditPage(frame(), [], older: nil, isFirst: true, now: now)),
    ("storage", StoragePage(frame(), status: Example.status(), schedule: Example.schedule, now: now)),
    ("storage", StoragePage(frame([.read]), status: .null, schedule: [], now: now)),
    ("operation", OperationPage(frame(), Example.operations[0], now: now)),
    ("operation", OperationPage(frame(), Example.operations[2], now: now)),
    (
      "operation",
      OperationPage(frame(), Example.operation("o", "sync", ["a_v1"], "done", done: 0, total: 0), now: now)
    ),
    ("tokens", TokenPage(frame(), Example.tokens, problems: ["x"], now: now)),
    ("token-new", NewTokenPage(frame: frame(), name: "anna", scopes: "read", secret: "mctl_x")),
    ("sign-in", SignInPage(next: "/", problem: "no", version: "1")),
    (
      "problem",
      ProblemPage(
        Problem(RegistryError(.notFound, "a is not known", hint: "see `modelctl list`")), requestID: "x")
    ),
    (
      "conflict",
      ConflictPage(
        frame(), wanted: "Roll back", seen: 10, active: Example.active("trial"), switches: Example.switches,
        now: now)
    ),
    ("warning", WarningPage(frame: frame(), done: "Done.", warnings: ["the probe failed"], back: "/")),
  ]

  @Test(arguments: models.indices) func `is well formed, and says what each thing is`(_ index: Int) throws {
    let (template, model) = Self.models[index]
    let markup = try Markup(String(decoding: try PageTemplates.render(template, model), as: UTF8.self))
    func count(_ name: String) -> Int { markup.tags.count { $0.name == name && !$0.isEnd } }
    #expect(count("h1") == 1 && count("main") == 1 && count("title") >= 1, "\(template)")
    let ids = markup.tags.compactMap { $0["id"] }
    #expect(Set(ids).count == ids.count, "\(template): an id stands twice")
    for tag in markup.tags {
      for name in ["aria-labelledby", "aria-describedby", "for"] {
        for id in (tag[name] ?? "").split(separator: " ") {
          #expect(ids.contains(String(id)), "\(template): nothing has the id \(id)")
        }
      }
      if let path = tag["href"] {
        #expect(path.hasPrefix("/") || path == "#main", "\(template): \(tag.outline) leads to \(path)")
      }
      if tag.name == "img" { #expect(tag["alt"] != nil) }
      #expect(tag["style"] == nil && tag["onclick"] == nil)
    }
    #expect(!markup.text.contains("Optional("), "\(template)")
    #expect(!markup.text.contains("{{"), "\(template)")
  }

  @Test func `has an own way for whoever may change nothing`() throws {
    let model = OverviewPage(
      frame([.read]), OverviewPage.Source(status: Example.status(), switches: Example.switches), now: Self.now
    )
    let html = String(decoding: try PageTemplates.render("overview", model), as: UTF8.self)
    #expect(!html.contains("/actions/"))
    #expect(html.contains("may look, and change nothing"))
  }
}
