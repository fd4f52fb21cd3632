import RegistryModel
import Testing

@testable import RegistryService

private typealias Example = PageExamples

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
