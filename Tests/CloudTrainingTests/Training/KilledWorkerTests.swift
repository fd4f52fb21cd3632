#if DEBUG
  import CloudTraining
  import DurableFiles
  import Foundation
  import ModelRegistry
  import RegistryModel
  import Synchronization
  import TestSupport
  import Testing

  /// A worker is killed in place of each of its durable steps, and another one is started: one version, and a job that ends.
  @Suite struct KilledWorkerTests {
    /// As many parts as there are, so that several run at once.
    static let parts = 4

    @Test(arguments: 0..<parts) func `killed at any step, and started again, it makes one version`(
      _ part: Int
    ) async throws {
      let hall = try TrainingHall("killed")
      let id = try hall.job(hall.registry())
      let plan = FaultPlan(.record)
      let rehearsal = try StoreFixture(copying: hall.fixture)
      let done = try FaultPlan.$current.withValue(plan) { try Self.work(rehearsal, id) }
      guard case .completed = done else { return #expect(Bool(false), "\(done)") }
      #expect(plan.count > 100)
      for step in 1...plan.count where step % Self.parts == part {
        let copy = try StoreFixture(copying: hall.fixture, inMemory: true)
        let name = "step \(step): \(plan.steps[step - 1])"
        await #expect(processExitsWith: .signal(SIGKILL), "\(name)") {
          [base = copy.scratch.path as String, job = id.text as String, step = step as Int] in
          let fixture = StoreFixture(at: base)
          try FaultPlan.$current.withValue(FaultPlan(.kill(before: step))) {
            _ = try Self.work(fixture, JobID(parsing: job))
          }
          kill(getpid(), SIGKILL)
        }
        let outcome = try Self.work(copy, id)
        guard case .completed(let result) = outcome else {
          #expect(Bool(false), "\(name): \(outcome)")
          continue
        }
        let after = TrainingHall(at: copy)
        let versions = try after.versions(of: id)
        #expect(versions == [result.version?.description], "\(name)")
        let journal = try FileManager.default.contentsOfDirectory(atPath: after.remote + "/journal")
        #expect(journal.count == 1, "\(name)")
        let robot = try after.registry()
        #expect(try after.service(robot).downloadResult(id).version == result.version, "\(name)")
        #expect(try robot.verify(full: true).damaged.isEmpty, "\(name)")
      }
    }

    /// The remote lies beside the store, and so elsewhere in each copy.
    static func work(_ fixture: StoreFixture, _ id: JobID) throws -> Worker.Outcome {
      let hall = TrainingHall(at: fixture)
      let registry = try hall.registry { $0.data = try? RemoteURI(parsing: "file://\(hall.remote)") }
      try registry.setRemote(RemoteURI(parsing: "file://\(hall.remote)"))
      let stored = try registry.indexJobs.read(id)
      if let stored, let uri = stored.job.episodesURI, !uri.hasPrefix("file://\(hall.remote)/"),
        var fields = stored.job.json.asObject
      {
        let name = uri.split(separator: "/").last ?? ""
        fields["episodes_uri"] = .string("file://\(hall.remote)/episodes/\(name)")
        _ = try registry.indexJobs.replace(stored, with: TrainingJob(.object(fields)))
      }
      return try hall.worker(registry).run(id)
    }
  }
#endif
