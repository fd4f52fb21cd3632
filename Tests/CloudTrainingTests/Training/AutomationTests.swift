import CloudTraining
import Foundation
import ModelRegistry
import RegistryModel
import Synchronization
import TestSupport
import Testing

@Suite struct AutomationTests {
  @Test func `automation triggers, installs and activates what it is told to, and nothing twice`() throws {
    let hall = try TrainingHall()
    let registry = try hall.registry {
      $0.isAutomatic = true
      $0.installsResults = true
      $0.activatesResults = true
    }
    try hall.record(["ep-1", "ep-2", "ep-3"])
    #expect(try hall.service(registry).automate().decision?.verdict == .wait)
    try hall.record(["ep-1", "ep-2", "ep-3", "ep-4"])
    let round = try hall.service(registry).automate()
    let id = try #require(round.triggered)
    #expect(round.decision?.verdict == .local && round.upload?.uploadedEpisodes == 4)
    guard case .completed = try hall.worker(registry).run(id) else { return #expect(Bool(false)) }
    let second = try hall.service(registry).automate()
    #expect(second.installed.map(\.job) == [id] && second.installed.first?.activation != nil)
    #expect(second.triggered == nil, "one job at a time, with a pause")
    #expect(try hall.service(registry).automate().installed.isEmpty)
    // The record is lost with the index: what runs stays what it is.
    try hall.fixture.tamper("DELETE FROM installed_jobs")
    #expect(try hall.service(hall.registry { $0.installsResults = true }).automate().installed.isEmpty)
  }

  @Test func `an activation that was refused is tried again, and by hand at any time`() throws {
    let hall = try TrainingHall()
    let registry = try hall.registry {
      $0.installsResults = true
      $0.activatesResults = true
    }
    let base = try hall.publishBase(in: registry)
    try registry.activate([.version(base.version)], ActivationOptions(confirmed: true))
    let id = try hall.job(registry, base: .active)
    guard case .completed = try hall.worker(registry).run(id) else { return #expect(Bool(false)) }
    // The job's version needs a file that the base has, and so is refused.
    try hall.fixture.scratch.write("other/extra.bin", "x")
    let other = try registry.publish(
      PublishRequest(
        adapter: AdapterName(parsing: "robot_001"),
        paths: [hall.fixture.scratch("other"), hall.fixture.scratch("base")], number: 900))
    try registry.activate([.version(other.version)], ActivationOptions(confirmed: true))
    let service = hall.service(registry)
    #expect(throws: RegistryError.self) { _ = try service.downloadResult(id, activates: true) }
    try registry.activate([.version(base.version)], ActivationOptions(confirmed: true, force: true))
    let result = try service.downloadResult(id)
    #expect(!result.wasInstalled && result.activation != nil)
    try registry.rollback()
    let again = try service.downloadResult(id, activates: true)
    #expect(again.wasInstalled && again.activation != nil)
  }

  @Test func `a round that is stopped says so wherever it is, and the next one goes on`() throws {
    let hall = try TrainingHall()
    let registry = try hall.registry {
      $0.isAutomatic = true
      $0.installsResults = true
    }
    let id = try hall.job(registry)
    guard case .completed = try hall.worker(registry).run(id) else { return #expect(Bool(false)) }
    try hall.record((1...9).map { "ep-\($0)" })
    var stops = 0
    for limit in 1...200 {
      let calls = Atomic(0)
      do {
        let round = try hall.service(registry).automate { _, _ in
          guard calls.add(1, ordering: .relaxed).newValue >= limit else { return }
          throw RegistryError(.cancelled, "somebody pressed stop", hint: "begin it again")
        }
        #expect(round.problems.isEmpty)
        break
      } catch {
        try #require(error.code == .cancelled, "\(error)")
        stops += 1
      }
    }
    #expect(stops > 3)
    #expect(try registry.versions().items.count == 1 && registry.installedResult(of: id) != nil)
    #expect(try registry.verify(full: true).damaged == [])
  }

  @Test func `a document installs nothing by itself`() throws {
    let hall = try TrainingHall()
    let registry = try hall.registry()
    let id = try hall.job(registry)
    let made = try hall.fixture.publish("not of the job", in: hall.elsewhere())
    _ = try hall.elsewhere().push(.version(made.version))
    let claimed = try #require(try registry.indexJobs.read(id))
    func complete(_ fields: [String: JSONValue]) throws {
      let stored = try #require(try registry.indexJobs.read(id))
      var document = try #require(claimed.job.json.asObject)
      document["status"] = "completed"
      document["result"] = .object(fields)
      _ = try registry.indexJobs.replace(stored, with: TrainingJob(.object(document)))
    }
    let wrong = "sha256:" + String(repeating: "0", count: 64)
    for fields in [
      ["version": .string("\(made.version)"), "digest": .string("\(made.digest)")],
      ["version": .string("\(made.version)"), "digest": .string(wrong)],
      ["version": "robot_001_v9", "digest": .string(wrong)],
      [
        "version": .string("\(made.version)"), "digest": .string("\(made.digest)"),
        "model_uri": "gs://somebody/else/",
      ],
      [:],
    ] as [[String: JSONValue]] {
      try complete(fields)
      #expect(throws: RegistryError.self) {
        _ = try hall.service(registry).downloadResult(id, activates: true)
      }
      #expect(try registry.versions().items.isEmpty)
    }
  }
}
