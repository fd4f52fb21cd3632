import RegistryModel
import Testing

@testable import RegistryService

private typealias Example = PageExamples

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
