import ModelRegistry
import RegistryModel
import TestSupport
import Testing

@Suite struct IndexJobStoreTests {
  @Test(arguments: JobStoreCase.all.filter { !$0.needs.contains(.others) })
  func `the embedded index does what every store of jobs does`(_ one: JobStoreCase) throws {
    let fixture = try StoreFixture("jobs")
    let registry = try fixture.open()
    try one.body(
      JobStage(
        store: registry.indexJobs, others: nil,
        advance: { fixture.time.advance(milliseconds: Int64($0 * 1000)) }))
  }

  @Test func `a copy of the index has the jobs`() throws {
    let fixture = try StoreFixture("jobs")
    let registry = try fixture.open()
    let made = try #require(try registry.indexJobs.create(TrainingJob.made()))
    let file = fixture.scratch("copy.backup")
    try registry.backup(to: file)
    _ = try #require(try registry.indexJobs.replace(made, with: made.job.with(.cancelled("later"))))
    registry.tidy()
    _ = try Registry.restore(fixture.root, from: file, force: true, fixture.options())
    #expect(try fixture.open().indexJobs.read(made.job.id)?.job == made.job)
  }
}
