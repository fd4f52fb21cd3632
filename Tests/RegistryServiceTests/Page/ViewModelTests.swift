import RegistryModel
import Testing

@testable import RegistryService

private typealias Example = PageExamples

/// What stands around a page for who may do all of it.
func frame(_ scopes: Set<TokenScope> = [.admin], _ way: Caller.Way = .session(token: "anna")) -> PageFrame {
  PageFrame(
    title: "Title", section: .overview, caller: Caller(way, scopes: scopes),
    antiForgery: way == .local ? nil : "f00d", robot: "robot-001", root: "/var/lib/modelctl", generation: 12,
    now: PageExamples.now)
}

@Suite struct `The frame of a page` {
  @Test func `says who one is, and what one may`() {
    let admin = frame()
    #expect(admin.account == "anna" && admin.mayOperate && admin.mayTrain && !admin.isLooking)
    #expect(
      admin.places.last?.text == "Tokens" && admin.places.filter(\.isCurrent).map(\.text) == ["Overview"])
    let reader = frame([.read])
    #expect(reader.isLooking && !reader.mayOperate && !reader.mayTrain)
    #expect(reader.places.allSatisfy { $0.text != "Tokens" })
  }

  @Test func `without tokens one may look`() {
    let local = frame([.read], .local)
    #expect(local.isWithoutTokens && !local.isSignedIn && !local.isLooking && local.antiForgery.isEmpty)
  }
}

@Suite struct `The first page` {
  private func page(_ status: JSONValue, left: Int64? = nil) -> OverviewPage {
    OverviewPage(
      frame(),
      OverviewPage.Source(
        status: status, switches: Example.switches, operations: Example.operations, millisecondsLeft: left),
      now: Example.now)
  }

  @Test func `shows the trial, and where it goes when it fails`() {
    let page = page(Example.status(), left: 580_000)
    #expect(page.running?.badge == Badge("on trial", .warn))
    #expect(page.running?.members.map(\.version.text) == ["grasp_left_v2", "robot_001_v4"])
    #expect(page.running?.by == "token:anna")
    #expect(page.running?.since?.ago == "12 min ago")
    #expect(page.trial?.attempts == "2 boots left")
    #expect(page.trial?.deadline == "Reverts by itself in 9 min 40 s")
    #expect(page.trial?.fallback?.generation == "11")
    #expect(page.trial?.fallback?.members == "grasp_left_v2, robot_001_v2")
    #expect(page.wayBack == nil)
  }

  @Test func `offers the way back where nothing is on trial`() {
    let page = page(Example.status("confirmed"))
    #expect(page.trial == nil && page.wayBack?.generation == "11")
  }

  @Test func `shows what goes on and what failed`() {
    #expect(page(Example.status()).operations.map(\.kind) == ["install", "sync", "push"])
    #expect(page(Example.status()).operations.map(\.percent) == [47, nil, nil])
  }

  @Test func `of a new store says how to begin`() {
    let page = OverviewPage(
      frame(), OverviewPage.Source(status: ["versions": 0, "active": nil, "remote": nil]), now: Example.now)
    #expect(page.isNew && page.running == nil && page.trial == nil && !page.hasSwitches)
  }

  @Test func `without an index shows what is known all the same`() {
    let page = page([
      "active": Example.active("trial"), "attempts_left": nil, "problems": ["the index is lost"],
    ])
    #expect(page.running != nil && page.problems == ["the index is lost"])
    #expect(page.trial?.attempts == "it isn't known how many boots are left")
    #expect(page.tiles.map(\.value) == ["unknown", "unknown", "unknown", "no remote"])
    #expect(!page.isNew)
  }
}

@Suite struct `The page of versions` {
  @Test func `has them by adapter, with what they are`() {
    let page = VersionListPage(
      frame(), Example.versions, adapter: nil, isFirst: true, onTrial: true, now: Example.now)
    #expect(page.groups.map(\.adapter) == ["grasp_left", "robot_001"])
    #expect(page.groups[1].rows.map(\.version.text) == (1...5).map { "robot_001_v\($0)" })
    #expect(page.groups[1].rows[3].badges == [Badge("on trial", .warn), Badge("@stable")])
    #expect(page.groups[1].rows[2].badges == [Badge("blocked", .bad), Badge("installed", .info)])
    #expect(page.groups[1].rows[3].metrics == "accuracy 0.94, final_loss 0.1")
    #expect(page.next == "/versions?after=robot_001_v5" && page.first == nil)
  }

  @Test func `of one adapter keeps to it`() {
    let page = VersionListPage(
      frame(), Example.versions, adapter: "robot_001", isFirst: false, onTrial: false, now: Example.now)
    #expect(page.next == "/versions?adapter=robot_001&after=robot_001_v5")
    #expect(page.first == "/versions?adapter=robot_001")
  }
}

@Suite struct `The page of a version` {
  private func page(_ changes: [String: JSONValue] = [:]) -> VersionPage {
    let version = JSONValue.object((Example.shown.asObject ?? [:]).merging(changes) { $1 })
    return VersionPage(
      frame(), VersionPage.Source(version: version, evaluations: Example.evaluations, active: "robot_001_v4"),
      now: Example.now)
  }

  @Test func `says what it is, and what can be done`() {
    let page = page()
    #expect(page.name == "robot_001_v4" && page.isActive && !page.canActivate && !page.canUninstall)
    #expect(page.note == ["Trained on the kitchen recordings.", "Slower approach, firmer grip."])
    #expect(page.facts.first { $0.name == "Base" }?.path == "/versions/robot_001_v3")
    #expect(page.contents.summary == "24 tensors, 98\u{202f}304 numbers of F32")
    #expect(page.contents.files.map(\.runsCode) == [false, false, true] && page.contents.runsCode)
    #expect(page.comparisons.map(\.path) == ["/versions/robot_001_v3/diff/robot_001_v4"])
    #expect(page.evaluations.first?.results.map(\.name) == ["episodes", "seconds_per_task", "success_rate"])
  }

  @Test func `offers what its state allows`() {
    let idle = page(["active": false])
    #expect(idle.canActivate && idle.canUninstall)
    let pinned = page(["active": false, "pinned": true])
    #expect(pinned.canActivate && !pinned.canUninstall)
    let away = page(["active": false, "installed": false])
    #expect(!away.canActivate && !away.canUninstall && !away.isInstalled)
  }

  @Test func `lists some of many tensors`() {
    let tensor: JSONValue = ["name": "t", "file": "f", "dtype": "F32", "shape": [], "bytes": 4]
    let contents = VersionContents(["tensors": .array(Array(repeating: tensor, count: 1_234))])
    #expect(contents.tensors.count == VersionContents.tensorLimit)
    #expect(contents.rest == "1\u{202f}034")
    #expect(contents.tensors.first?.shape == "one number")
  }

  @Test func `leads to files whatever their names are`() {
    #expect(
      PagePath.file("a b/ü#?.npz", of: "robot_001_v1")
        == "/api/models/robot_001_v1/files/a%20b/%C3%BC%23%3F.npz")
  }
}

@Suite struct `The page of a difference` {
  @Test func `has files, fields and tensors`() {
    let page = DiffPage(frame(), Example.diff)
    #expect(page.files.map(\.badge.text) == ["changed", "added"])
    #expect(page.fields.map(\.name) == ["base", "metrics", "note"])
    #expect(page.fields[0].to == "digest sha256:333333333333, version robot_001_v3")
    #expect(page.fields[2].from == "—")
    #expect(page.tensors.first?.difference == "0.0123")
    #expect(page.unchanged == "23 tensors of changed files are the same")
    #expect(!page.isSame)
  }

  @Test func `of the same says so`() {
    #expect(DiffPage(frame(), ["from": "a_v1", "to": "a_v1"]).isSame)
  }
}

@Suite struct `The pages of training` {
  @Test func `show jobs and why`() {
    let page = TrainingPage(
      frame(),
      TrainingPage.Source(jobs: Example.jobs, decision: Example.decision, settings: Example.settings),
      isFirst: true, now: Example.now)
    #expect(page.jobs.map(\.badge.text) == ["running", "completed", "failed"])
    #expect(page.jobs.map(\.percent) == [41, 100, nil])
    #expect(page.isUnderWay && page.decision == "Wait")
    #expect(page.reasons.map(\.badge.text) == ["yes", "no"])
    #expect(page.backends.filter(\.isChosen).map(\.name) == ["local"])
  }

  @Test func `show what is left where jobs can't be had`() {
    let source = TrainingPage.Source(
      jobs: .null, decision: .null, settings: Example.settings, problems: ["no network; try again"])
    let page = TrainingPage(frame(), source, isFirst: true, now: Example.now)
    #expect(page.isEmpty && page.decision == nil && page.hasProblems)
  }

  @Test func `show a failed job with its error line by line`() {
    let page = JobPage(frame(), Example.jobs.list("jobs")[2], curve: [], now: Example.now)
    #expect(page.error.count == 3 && page.hasError && page.curve == nil && !page.isCompleted)
  }
}

@Suite struct `A loss curve` {
  private func curve(_ losses: [Double?]) -> LossCurve? {
    LossCurve(
      losses.enumerated().map { TrainerProgress(step: Int64($0.offset), totalSteps: nil, loss: $0.element) })
  }

  @Test func `is a line from the first point to the last`() throws {
    let line = try #require(curve([4, nil, 2, 3]))
    #expect(line.points == "0.0,8.0 666.7,232.0 1000.0,120.0")
    #expect(line.first == "4" && line.last == "3" && line.lowest == "2")
    #expect(!line.isLogarithmic)
  }

  @Test func `shows equal factors alike where it falls far`() throws {
    let line = try #require(curve([100, 10, 1]))
    #expect(line.isLogarithmic)
    #expect(line.points == "0.0,8.0 500.0,120.0 1000.0,232.0")
  }

  @Test func `needs two points that are numbers`() {
    #expect(curve([]) == nil && curve([1]) == nil && curve([nil, nil]) == nil)
    #expect(curve([.nan, .infinity, 1]) == nil)
    #expect(curve([1, 1])?.points == "0.0,120.0 1000.0,120.0")
  }

  @Test func `of a job elsewhere is what was seen of it`() {
    let samples = LossSamples()
    for step in [1, 2, 3, 2, 2] as [Int64] {
      samples.note(
        Example.job("running", ["progress": ["step": .integer(step), "total_steps": 10, "loss": 0.5]]))
    }
    #expect(samples.points(of: "job_9f2c44b1d0e7").map(\.step) == [1, 2])
    for step in 10..<3_000 as Range<Int64> {
      samples.note(
        Example.job("running", ["progress": ["step": .integer(step), "total_steps": nil, "loss": 0.5]]))
    }
    let points = samples.points(of: "job_9f2c44b1d0e7")
    #expect(points.count <= 512 && points.last?.step == 2_999 && points.first?.step == 1)
  }

  @Test func `with many points is as fine at its beginning as at its end`() {
    var curve = ThinnedCurve()
    for step in 1...3_000 as ClosedRange<Int64> {
      curve.add(TrainerProgress(step: step, totalSteps: nil, loss: 1))
    }
    let steps = curve.points.map(\.step)
    #expect(steps.count == ThinnedCurve.limit && steps.first == 1 && steps.last == 3_000)
    let gaps = zip(steps, steps.dropFirst()).map { $1 - $0 }
    #expect((gaps.min() ?? 0) * 4 >= (gaps.max() ?? 0), "\(gaps)")
  }

  @Test func `of the job that nobody looked at for longest goes first`() {
    let samples = LossSamples()
    func look(at number: Int) {
      samples.note(Example.job("running", ["job_id": .string("job_\(number)")]))
    }
    for number in 1...64 { look(at: number) }
    look(at: 1)
    look(at: 65)
    let known = (1...65).filter { !samples.points(of: "job_\($0)").isEmpty }
    #expect(known == [1] + Array(3...65))
  }
}

@Suite struct `The other pages` {
  @Test func `show the history`() {
    let page = HistoryPage(
      frame(), ["switches": .array(Example.switches), "next": "4"], adapter: nil, isFirst: true,
      now: Example.now)
    #expect(
      page.switches.map(\.badge.text) == ["activated", "reverted", "refused", "activated", "rolled back"])
    #expect(page.switches[2].to == "—" && page.next == "/history?after=4")
  }

  @Test func `show the audit, newest first`() {
    let page = AuditPage(frame(), Example.audit, older: 3, isFirst: false, now: Example.now)
    #expect(page.rows.first?.number == "12" && page.next == "/audit?below=3" && page.first == "/audit")
    #expect(AuditPage.Check(["records": 3, "problems": ["x"]]).badge == Badge("broken", .bad))
  }

  @Test func `show the disk, the remote and the schedule`() {
    let page = StoragePage(frame(), status: Example.status(), schedule: Example.schedule, now: Example.now)
    #expect(page.use?.text == "7.8 GiB stored, 20.0 GiB free" && page.use?.percent == 28)
    #expect(page.remote == "gs://continuon-models/models" && page.synced?.ago == "42 s ago")
    #expect(page.waiting.map(\.version.text) == ["robot_001_v5"])
    #expect(page.jobs.map(\.next) == ["in 14 h 10 min", "in 4 days", "in 18 s", "now"])
    #expect(page.jobs[2].running == "/operations/op_2")
  }

  @Test func `show long work`() {
    let done = OperationPage(
      frame(), Example.operation("op_1", "sync", ["robot_001_v5"], "done", done: 0, total: 0),
      now: Example.now)
    #expect(done.results.map(\.name) == ["bytes in", "fetched", "fetched versions"])
    #expect(done.results[0].value == "84.0 MiB" && done.versions.map(\.text) == ["robot_001_v5"])
    let failed = OperationPage(frame(), Example.operations[2], now: Example.now)
    #expect(failed.hint == "try again" && failed.operation.problem != nil)
  }

  @Test func `show tokens`() {
    let page = TokenPage(frame(), Example.tokens, problems: [], now: Example.now)
    #expect(page.tokens.map(\.badge.text) == ["usable", "usable", "expired", "revoked"])
    #expect(page.tokens.map(\.isOwn) == [true, false, false, false])
    #expect(page.tokens.map(\.isUsable) == [true, true, false, false])
  }

  @Test func `show what changed meanwhile`() {
    let page = ConflictPage(
      frame(), wanted: "Roll back", seen: 10, active: Example.active("trial"), switches: Example.switches,
      now: Example.now)
    #expect(page.switches.map(\.to) == ["12", "11"])
    #expect(page.seen == "generation 10 was active")
    let nothing = ConflictPage(
      frame(), wanted: "Activate x", seen: 0, active: .null, switches: [], now: Example.now)
    #expect(nothing.running == nil && !nothing.hasSwitches && nothing.seen == "nothing was active")
  }
}

@Suite struct `Numbers and times for people` {
  @Test func `are short`() {
    #expect(Shown.span(0) == "0 s" && Shown.span(61_000) == "1 min 1 s" && Shown.span(3_600_000) == "1 h")
    #expect(Shown.span(90_000_000) == "1 day" && Shown.span(-5) == "0 s")
    #expect(Shown.grouped(1_234_567) == "1\u{202f}234\u{202f}567" && Shown.grouped(-1_000) == "−1\u{202f}000")
    #expect(Shown.number(0.123456) == "0.1235" && Shown.number(3) == "3" && Shown.number(1e300) == "1e+300")
    #expect(Shown.percent(5, of: 0) == 0 && Shown.percent(7, of: 5) == 100)
    #expect(Shown.count(1, "file") == "1 file" && Shown.count(2, "file") == "2 files")
  }

  @Test func `say when`() {
    let moment = Moment("2026-01-05T10:14:59.000Z", now: PageExamples.now)
    #expect(
      moment.text == "2026-01-05 10:14:59 UTC" && moment.short == "2026-01-05 10:14"
        && moment.ago == "1 s ago")
    #expect(Moment("2027-01-05T10:14:59.000Z", now: PageExamples.now).ago == "in the future")
    #expect(Moment("yesterday", now: PageExamples.now).text == "yesterday")
  }
}
