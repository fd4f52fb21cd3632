import CloudTraining
import Foundation
import ModelRegistry
import RegistryModel
import Synchronization
import TestSupport
import Testing

/// A job that changes hands, or loses them.
@Suite struct HandoverTests {
  @Test func `of two workers at once one has the job`() throws {
    let hall = try TrainingHall()
    let registry = try hall.registry()
    let id = try hall.job(registry)
    let other = try hall.elsewhere()
    let options = try TrainingHall.options(hall.fixture)
    let outcomes = try crowd(of: 2) { number -> Result<Worker.Outcome, RegistryError> in
      do throws(RegistryError) {
        return .success(try Worker(number == 0 ? registry : other, options, jobs: registry.indexJobs).run(id))
      } catch {
        return .failure(error)
      }
    }
    let completed = outcomes.count { if case .success(.completed) = $0 { true } else { false } }
    let busy = outcomes.count { if case .failure(let error) = $0 { error.code == .busy } else { false } }
    #expect(completed >= 1 && completed + busy == 2)
    #expect(try hall.versions(of: id).count == 1)
  }

  @Test func `a worker that fell silent is taken over, and its late result is nobody's`() throws {
    let hall = try TrainingHall()
    let registry = try hall.registry()
    let id = try hall.job(registry)
    let isWaiting = Atomic<Bool>(true)
    let other = try hall.elsewhere()
    let slow =
      #"while [ ! -e "\#(hall.fixture.scratch("go"))" ]; do sleep 0.05; done; \#(TrainingHall.goodTrainer)"#
    let first = try hall.worker(registry, trainer: slow)
    let outcomes = try crowd(of: 2) { number -> Worker.Outcome in
      if number == 0 {
        let outcome = try first.run(id)
        isWaiting.store(false, ordering: .relaxed)
        return outcome
      }
      while try registry.indexJobs.read(id)?.job.status != .running { usleep(10_000) }
      let busy = #expect(throws: RegistryError.self) {
        _ = try Worker(other, TrainingHall.options(hall.fixture), jobs: registry.indexJobs).run(id)
      }
      #expect(busy?.code == .busy)
      hall.fixture.time.advance(seconds: 91)
      let outcome = try Worker(other, TrainingHall.options(hall.fixture), jobs: registry.indexJobs).run(id)
      try hall.fixture.scratch.write("go", "")
      return outcome
    }
    #expect(outcomes[0] == .lost(.completed))
    guard case .completed = outcomes[1] else { return #expect(Bool(false), "\(outcomes)") }
    #expect(try hall.versions(of: id).count == 1)
  }

  @Test func `a job that is cancelled stops its worker`() throws {
    let hall = try TrainingHall()
    let registry = try hall.registry()
    let id = try hall.job(registry)
    let started = hall.fixture.scratch("started")
    let outcomes = try crowd(of: 2) { number -> Worker.Outcome? in
      if number == 0 {
        return try hall.worker(
          registry, trainer: #"touch "\#(started)"; sleep 100"#,
          changing: { $0.worker.heartbeatMilliseconds = 100 }
        ).run(id)
      }
      while !FileManager.default.fileExists(atPath: started) { usleep(10_000) }
      _ = try hall.service(registry).cancel(id, reason: "enough")
      return nil
    }
    #expect(outcomes[0] == .lost(.cancelled))
    #expect(try registry.indexJobs.read(id)?.job.error == "enough")
    #expect(try hall.versions(of: id).isEmpty)
  }

  @Test func `a worker that is told to stop gives the job back, and the next goes on from its checkpoint`()
    throws
  {
    let hall = try TrainingHall()
    let registry = try hall.registry()
    let id = try hall.job(registry)
    let started = hall.fixture.scratch("started")
    let trainer = #"""
      if [ -e "$CHECKPOINT_DIR/at" ]; then echo resumed > "$OUTPUT_DIR/model"; exit 0; fi
      trap 'echo 1 > "$CHECKPOINT_DIR/at"; exit 143' TERM
      touch "\#(started)"
      while :; do sleep 0.05; done
      """#
    let outcome = try hall.worker(
      registry, trainer: trainer, shouldStop: { FileManager.default.fileExists(atPath: started) }
    ).run(id)
    #expect(outcome == .gaveBack)
    #expect(try registry.indexJobs.read(id)?.job.status == .queued)
    guard case .completed = try hall.worker(registry, trainer: trainer).run(id) else {
      return #expect(Bool(false))
    }
    #expect(try hall.versions(of: id) == ["robot_001_v1"])
  }

  #if DEBUG
    @Test func `a trainer whose worker was killed is ended before another one begins`() async throws {
      let hall = try TrainingHall()
      let id = try hall.job(hall.registry())
      let (started, ended) = (hall.fixture.scratch("started"), hall.fixture.scratch("ended"))
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [base = hall.fixture.scratch.path as String, job = id.text as String, started = started as String] in
        let hall = TrainingHall(at: StoreFixture(at: base))
        let trainer = #"echo $$ > "\#(started)"; while :; do sleep 0.05; done"#
        let worker = try hall.worker(
          hall.registry(), trainer: trainer,
          shouldStop: {
            guard FileManager.default.fileExists(atPath: started) else { return false }
            kill(getpid(), SIGKILL)
            return true
          })
        _ = try worker.run(JobID(parsing: job))
      }
      let orphan = try #require(
        Int32(
          String(contentsOfFile: started, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)))
      #expect(kill(orphan, 0) == 0)
      let trainer = #"kill -0 \#(orphan) 2>/dev/null || touch "\#(ended)"; \#(TrainingHall.goodTrainer)"#
      guard case .completed = try hall.worker(hall.registry(), trainer: trainer).run(id) else {
        return #expect(Bool(false))
      }
      // Whoever adopted the orphan may not have buried it yet, or may have just now: then it was there and dead.
      let state = (try? String(contentsOfFile: "/proc/\(orphan)/stat", encoding: .utf8)) ?? "buried) Z "
      #expect(FileManager.default.fileExists(atPath: ended) || state.contains(") Z "))
    }
  #endif

  @Test func `a job whose backend never got its name down is submitted again once its worker is silent`()
    throws
  {
    let hall = try TrainingHall()
    let registry = try hall.registry()
    let id = try hall.job(registry)
    let stored = try #require(try registry.indexJobs.read(id))
    var fields = try #require(stored.job.json.asObject)
    fields["backend_id"] = .null
    let nameless = try #require(try registry.indexJobs.replace(stored, with: TrainingJob(.object(fields))))
    _ = try registry.indexJobs.replace(
      nameless,
      with: nameless.job.applying(
        .claimed(workerID: "dead", reserved: VersionID(parsing: "robot_001_v1")),
        at: hall.fixture.time.clock.now()))
    #expect(try hall.service(registry).resume().resumed.isEmpty)
    hall.fixture.time.advance(seconds: 91)
    #expect(try hall.service(registry).resume().resumed == [id])
    guard case .completed = try hall.worker(registry).run(id) else { return #expect(Bool(false)) }
  }

  @Test func `a worker that published and died before it said so is believed by its manifest`() throws {
    let hall = try TrainingHall()
    let registry = try hall.registry()
    let id = try hall.job(registry)
    let before = try #require(try registry.indexJobs.read(id))
    guard case .completed(let result) = try hall.worker(registry).run(id) else { return #expect(Bool(false)) }
    // As if the last write had never come.
    let running = try before.job.applying(
      .claimed(workerID: "dead", reserved: #require(result.version)), at: hall.fixture.time.clock.now())
    _ = try registry.indexJobs.replace(#require(try registry.indexJobs.read(id)), with: running)
    hall.fixture.time.advance(seconds: 91)
    let job = try hall.service(registry).jobStatus(id).job
    #expect(job.status == .completed && job.result?.digest == result.digest)
  }
}
