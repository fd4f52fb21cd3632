#if DEBUG
  import Foundation
  @testable import ModelRegistry
  import TestSupport
  import Testing

  /// With a million versions a statement that goes through a table takes seconds: none may.
  @Suite struct QueryPlanTests {
    @Test func `no statement of any verb scans a table that grows`() throws {
      let recorder = StatementRecorder()
      let fixture = try StatementRecorder.$current.withValue(recorder) { try everyVerb() }
      // A migration goes through tables once.
      let migrations = try (0..<Index.newestSchema).map { try Index.migration($0) }.joined()
      let plans = try QueryPlan.all(recorder.statements.filter { !migrations.contains($0) }, in: fixture.root)
      #expect(plans.count > 75, "the verbs ran, and were seen")
      for plan in plans {
        #expect(plan.scansOfWhatGrows == [], "\(plan.sql): \(plan.steps)")
      }
      let bad = plans.count { !$0.scansOfWhatGrows.isEmpty }
      print("query plans: \(plans.count) statements, \(bad) scan a table that grows")
    }

    @Test func `a scan is seen`() throws {
      let fixture = try StoreFixture.copied()
      let scans = [
        "SELECT * FROM versions WHERE bytes > ?", "SELECT count(*) FROM blobs",
        "SELECT * FROM edges WHERE parent = ?", "SELECT digest FROM files ORDER BY digest",
        "SELECT * FROM versions ORDER BY bytes LIMIT ?", "DELETE FROM versions WHERE bytes > ?",
      ]
      for plan in try QueryPlan.all(scans, in: fixture.root) {
        #expect(plan.scansOfWhatGrows.count == 1, "\(plan.sql): \(plan.steps)")
      }
    }

    /// The verbs that share versions: a remote, and another robot on it.
    private func share(_ registry: Registry, _ fixture: StoreFixture) throws {
      let folder = try Scratch("remote")
      let uri = try RemoteURI(parsing: "file://\(folder.path)")
      let other = try StoreFixture("other")
      var options = Configuration()
      options.remote.robot = try RobotName(parsing: "other")
      try other.publish("foreign", as: "robot_009", in: other.open(options))
      try other.open(options).setRemote(uri)
      _ = try other.open(options).push("robot_009_v1")
      try other.open(options).setChannel(ChannelName(parsing: "beta"), to: "robot_009_v1")
      _ = try other.open(options).sync()
      try registry.setRemote(uri)
      _ = try registry.push("robot_001_v1", plain: true)
      _ = try registry.install("robot_009@latest", progress: nil)
      _ = try registry.install("robot_009@beta", progress: nil)
      _ = try registry.sync(full: true)
      _ = try registry.remote()
      let bundle = folder("bundle.tar")
      _ = try registry.createBundle(["robot_001_v1", "robot_009_v1"], at: bundle)
      _ = try other.open(options).installBundle(at: bundle)
    }

    /// The verbs that episodes and training jobs are kept by.
    private func train(_ registry: Registry, _ fixture: StoreFixture) throws {
      let remote = try Scratch("remote")
      try registry.setRemote(RemoteURI(parsing: "file://\(remote.path)"))
      let episode = #"{"metadata":{},"steps":[{"a":1}]}"#
      let recordings = (try fixture.scratch.write("recordings/ep-1.json", episode) as NSString)
        .deletingLastPathComponent
      _ = try registry.uploadEpisodes(from: recordings)
      _ = try registry.uploadEpisodes(from: recordings)
      _ = try registry.episodes(in: recordings)
      let archive = try #require(try registry.uploadedArchives().first)
      _ = try registry.upload(archive.digest)
      let job = TrainingJob(
        id: JobID(random: 1), robot: try RobotName(parsing: "robot"), createdAt: Timestamp(milliseconds: 1),
        config: [:], adapter: "robot_001", base: nil, backend: .local)
      let made = try #require(try registry.indexJobs.create(job))
      _ = try registry.indexJobs.replace(made, with: job.applying(.uploading, at: Timestamp(milliseconds: 2)))
      for robot in [job.robot, nil] {
        for status in [JobStatus.queued, nil] {
          _ = try registry.indexJobs.list(JobQuery(robot: robot, status: status, limit: 1))
        }
      }
      _ = try registry.installedResult(of: job.id)
      _ = try registry.noteEvent(bucket: "b", object: "o", generation: "1")
      try registry.forgetEvent(bucket: "b", object: "o", generation: "1")
    }

    /// Every verb of the library once, on a store with a story.
    private func everyVerb() throws -> StoreFixture {
      let family = try LineageTests.family()
      _ = try family.open().lineage(of: "robot_001_v4")
      _ = try family.open().lineage(of: "both")
      _ = try family.open().lineage(of: "job_4")
      _ = try family.open().impact(of: "both", after: VersionID(parsing: "robot_001_v3"), limit: 1)
      _ = try family.open().impact(of: StoreFixture.digest("a").description)
      let fixture = try RebuildTests.storied()
      var registry = try fixture.open(
        Configuration(cache: CachePolicy(limitBytes: 1, cleanAtPercent: 1, olderThanMilliseconds: 0)))
      let v1: Reference = "robot_001_v1"
      try share(registry, fixture)
      try train(registry, fixture)
      _ = try registry.versions()
      _ = try registry.versions(of: "robot_001", after: VersionID(parsing: "robot_001_v1"), limit: 1)
      _ = try registry.show("robot_001@latest")
      _ = try? registry.show("robot_001@previous")
      _ = try registry.show("robot_001@active")
      _ = try registry.digest(of: .digest(DigestPrefix(fixture.digest(v1)), adapter: nil))
      _ = try registry.digest(of: .digest(DigestPrefix(fixture.digest(v1)), adapter: "robot_001"))
      _ = try registry.files(of: v1)
      _ = try registry.channels()
      _ = try registry.history(of: "robot_001", channel: RebuildTests.stable)
      _ = try registry.evaluations(of: "robot_001_v2")
      _ = try registry.history()
      _ = try registry.history(of: "robot_001")
      _ = try registry.switchInForce(at: fixture.time.clock.now())
      _ = try registry.audit(since: fixture.time.clock.now())
      _ = try registry.verifyAudit()
      _ = try registry.status()
      _ = try registry.doctor()
      _ = try registry.republish(v1)
      try registry.activate("robot_001_v5", ActivationOptions(force: true))
      _ = try registry.boot()
      try registry.rollback(bad: true)
      try registry.rollback(to: 1)
      try registry.unpin("robot_001_v3")
      _ = try registry.createToken(TokenName(parsing: "fleet"), scopes: [.read])
      try registry.revokeToken(TokenName(parsing: "fleet"))
      _ = try registry.verify(full: true, repair: true)
      _ = try registry.verify(v1)
      _ = try registry.scrub(ScrubBudget(bytesPerSecond: nil, bytes: 1))
      _ = try registry.scrub(ScrubBudget(bytesPerSecond: nil))
      _ = try registry.scrubState()
      _ = try? registry.rollback(expecting: 99)
      _ = try registry.watch()
      let path = fixture.path(try fixture.blob(of: "robot_001_v3"))
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
      try Data("spoilt".utf8).write(to: URL(filePath: path))
      _ = try registry.verify(full: true, repair: true)
      try fixture.publish("three", in: registry)
      _ = try registry.uninstall("robot_001_v3")
      _ = try registry.collect(CollectionPolicy(keep: 1))
      try registry.deactivate("robot_001")
      registry.tidy()
      try registry.backup(to: fixture.scratch("copy"))
      _ = try Registry.rebuild(fixture.root, fixture.options())
      _ = try Registry.restore(fixture.root, from: fixture.scratch("copy"), force: true, fixture.options())
      for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
        try FileManager.default.removeItem(atPath: fixture.path(name))
      }
      withExtendedLifetime(registry) {}
      registry = try StoreFixture.copied().open()
      _ = try Registry.rebuild(fixture.root, fixture.options())
      return fixture
    }
  }
#endif
