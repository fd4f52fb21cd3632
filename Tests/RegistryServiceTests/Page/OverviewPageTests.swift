import RegistryModel
import Testing

@testable import RegistryService

private typealias Example = PageExamples

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
