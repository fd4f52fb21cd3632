import CloudTraining
import Foundation
import ModelRegistry
import RegistryModel
import Synchronization
import TestSupport
import Testing

@Suite struct WorkerTests {
  @Test func `the loop closes: episodes, job, version, trial, with its lineage`() throws {
    let hall = try TrainingHall()
    let registry = try hall.registry()
    let base = try hall.publishBase(in: registry)
    try registry.activate([.version(base.version)], ActivationOptions(confirmed: true))
    let id = try hall.job(registry, base: .active)
    let seen = Mutex<[Double?]>([])
    let outcome = try hall.worker(registry, progress: { step in seen.withLock { $0.append(step.loss) } }).run(
      id)
    guard case .completed(let result) = outcome else { return #expect(Bool(false), "\(outcome)") }
    #expect(result.version?.description == "robot_001_v2" && result.finalLoss == 0.5)
    #expect(seen.withLock { $0 } == [0.8, 0.7, 0.6])
    #expect(try hall.versions(of: id) == ["robot_001_v2"])
    // A job is finished once, and its result is installed once.
    #expect(try hall.worker(registry).run(id) == .completed(result))
    let service = hall.service(registry)
    let installed = try service.downloadResult(id, activates: true)
    #expect(installed.activation?.state == .trial && !installed.wasInstalled)
    #expect(try service.downloadResult(id, activates: true).wasInstalled)
    let manifest = try registry.show(.version(installed.version)).1
    #expect(
      manifest.base?.version.number == 1 && manifest.job?.seed == 7 && manifest.job?.codeVersion == "r1")
    #expect(manifest.metrics == ["final_loss": 0.5, "heldout_loss": 0.6])
    #expect(manifest.modelType == "wavecore" && manifest.framework == "jax" && manifest.archives.count == 1)
    #expect(try registry.impact(of: "ep-2").versions.map(\.version.version) == [installed.version])
    let lineage = try registry.lineage(of: "\(installed.version)").text
    for word in [id.text, "robot_001_v1", "3 episodes"] { #expect(lineage.contains(word), "\(lineage)") }
  }

  /// Trainers that do what they shouldn't, and what the document says of it.
  static let badTrainers: [(script: String, says: String)] = [
    ("echo 'it is broken' >&2; exit 3", "the trainer failed with 3\nit is broken"),
    ("kill -SEGV $$", "killed by signal 11"),
    ("true", "there is no file"),
    (#"ln -s /etc/passwd "$OUTPUT_DIR/link""#, "links and devices"),
    (#"mkfifo "$OUTPUT_DIR/pipe""#, "links and devices"),
    (#"echo '{"step":1,"loss":NaN}'; sleep 100"#, "the trainer's loss is NaN"),
    (#"echo x > "$OUTPUT_DIR/m"; echo '{"step":1,"loss":-Infinity}'; sleep 100"#, "loss is -Infinity"),
    ("sleep 100", "took longer than"),
    (#"echo '[1]' > "$OUTPUT_DIR/metrics.json""#, "metrics.json is no object"),
    (#"mkfifo "$OUTPUT_DIR/metrics.json"; echo x > "$OUTPUT_DIR/m""#, "is no file of at most"),
    (#"ln -s /dev/zero "$OUTPUT_DIR/metrics.json"; echo x > "$OUTPUT_DIR/m""#, "is no file of at most"),
    (#"echo x > "$OUTPUT_DIR/m"; printf '{"step":1,"loss":nan}'"#, "loss is nan"),
    (#"echo x > "$OUTPUT_DIR/$(printf 'a\001b')""#, "control character"),
  ]

  @Test(arguments: badTrainers.indices) func `a trainer that fails makes no version, and the job says why`(
    _ number: Int
  ) throws {
    let bad = Self.badTrainers[number]
    let hall = try TrainingHall()
    let registry = try hall.registry()
    let id = try hall.job(registry)
    let worker = try hall.worker(
      registry, trainer: bad.script, changing: { $0.worker.timeLimitMilliseconds = 2500 })
    guard case .failed(let message) = try worker.run(id) else { return #expect(Bool(false), "\(bad.script)") }
    #expect(message.contains(bad.says), "\(message)")
    let job = try #require(try registry.indexJobs.read(id)).job
    #expect(job.status == .failed && job.error?.contains(bad.says) == true)
    #expect(try hall.versions(of: id).isEmpty)
    #expect(throws: RegistryError.self) { _ = try hall.service(registry).downloadResult(id) }
  }

  @Test func `a trainer that isn't there, or isn't configured, fails the job`() throws {
    for command in [["/nowhere/trainer"], []] {
      let hall = try TrainingHall()
      let registry = try hall.registry()
      let id = try hall.job(registry)
      guard case .failed = try hall.worker(registry, changing: { $0.worker.command = command }).run(id) else {
        return #expect(Bool(false))
      }
    }
  }

  @Test func `an archive that isn't what the job says is not trained on`() throws {
    for damage in 0..<6 {
      let hall = try TrainingHall()
      let registry = try hall.registry()
      let id = try hall.job(registry)
      let folder = hall.remote + "/episodes"
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      let zip = folder + "/" + names.first { $0.hasSuffix(".zip") }!
      let manifest = folder + "/" + names.first { $0.hasSuffix(".json") }!
      switch damage {
      case 0:
        var bytes = try Data(contentsOf: URL(filePath: zip))
        bytes[100] ^= 1
        try bytes.write(to: URL(filePath: zip))
      case 1: try FileManager.default.removeItem(atPath: zip)
      case 2: try FileManager.default.removeItem(atPath: manifest)
      case 3:
        let text = try String(contentsOfFile: manifest, encoding: .utf8)
        try text.replacingOccurrences(of: "ep-1", with: "ep-9").write(
          toFile: manifest, atomically: true, encoding: .utf8)
      case 4:
        // With something that is no episode's, and everybody agrees on its digest.
        _ = try Shell.run(
          "/usr/bin/python3",
          ["-c", "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'a').writestr('.hidden/x', 'x')", zip])
        let bytes = try Data(contentsOf: URL(filePath: zip))
        let digest = try Digest(hex: String(Shell.run("/usr/bin/sha256sum", [zip]).prefix(64)))
        let old = try ArchiveManifest(parsing: [UInt8](Data(contentsOf: URL(filePath: manifest))))
        let new = ArchiveManifest(
          archive: digest, bytes: Int64(bytes.count), robot: old.robot, createdAt: old.createdAt,
          episodes: old.episodes)
        try Data(new.json.canonicalBytes).write(to: URL(filePath: manifest))
        let stored = try #require(try registry.indexJobs.read(id))
        var fields = try #require(stored.job.json.asObject)
        fields["episodes_digest"] = .string("\(digest)")
        _ = try registry.indexJobs.replace(stored, with: TrainingJob(.object(fields)))
      default:
        // Another bucket, as a stranger could write it.
        let stored = try #require(try registry.indexJobs.read(id))
        var fields = try #require(stored.job.json.asObject)
        fields["episodes_uri"] = "gs://somebody/else.zip"
        _ = try registry.indexJobs.replace(stored, with: TrainingJob(.object(fields)))
      }
      guard case .failed(let message) = try hall.worker(registry).run(id) else {
        #expect(Bool(false), "\(damage)")
        continue
      }
      #expect(!message.isEmpty && (damage != 4 || message.contains("belongs to no episode")), "\(message)")
      #expect(try hall.versions(of: id).isEmpty, "\(damage)")
    }
  }

  @Test func `a number that somebody else took meanwhile costs another number, not another training`() throws
  {
    let hall = try TrainingHall()
    let registry = try hall.registry()
    let id = try hall.job(registry)
    let other = try hall.elsewhere()
    let (started, go) = (hall.fixture.scratch("started"), hall.fixture.scratch("go"))
    let trainer = #"""
      touch "\#(started)"; while [ ! -e "\#(go)" ]; do sleep 0.05; done
      \#(TrainingHall.goodTrainer)
      """#
    let outcomes = try crowd(of: 2) { number -> Worker.Outcome? in
      if number == 0 { return try hall.worker(registry, trainer: trainer).run(id) }
      while !FileManager.default.fileExists(atPath: started) { usleep(10_000) }
      try hall.fixture.publish("theirs", in: other)
      _ = try other.push(.version(VersionID(parsing: "robot_001_v1")))
      try hall.fixture.scratch.write("go", "")
      return nil
    }
    guard case .completed(let result) = outcomes[0] else { return #expect(Bool(false), "\(outcomes)") }
    #expect(result.version?.number == 2)
    #expect(try hall.versions(of: id) == ["robot_001_v2"])
    #expect(try registry.indexJobs.read(id)?.job.reserved?.number == 2)
  }

  @Test func `what couldn't be sent is made again, whatever bytes come then`() throws {
    let hall = try TrainingHall()
    let registry = try hall.registry()
    let id = try hall.job(registry)
    let (remote, away) = (hall.remote, hall.remote + ".away")
    let takesRemote = #"echo one > "$OUTPUT_DIR/model"; mv "\#(remote)" "\#(away)""#
    let error = #expect(throws: RegistryError.self) {
      _ = try hall.worker(registry, trainer: takesRemote).run(id)
    }
    #expect(error?.code == .remote && error?.unchanged.contains("given back") == true)
    try FileManager.default.moveItem(atPath: away, toPath: remote)
    #expect(try registry.indexJobs.read(id)?.job.status == .queued)
    guard case .completed = try hall.worker(registry, trainer: #"echo two > "$OUTPUT_DIR/model""#).run(id)
    else {
      return #expect(Bool(false))
    }
    #expect(try hall.versions(of: id) == ["robot_001_v1"])
  }

  @Test func `a job that never comes to an end is failed at last`() throws {
    let hall = try TrainingHall()
    let registry = try hall.registry()
    let id = try hall.job(registry)
    for _ in 0..<Worker.maximumAttempts {
      #expect(try hall.worker(registry, trainer: "kill -TERM $$").run(id) == .gaveBack)
    }
    #expect(try hall.worker(registry).run(id) == .lost(.failed))
    #expect(try registry.indexJobs.read(id)?.job.error?.contains("20 times") == true)
  }

  @Test func `a job that can't be claimed is failed, and one whose number can't be counted on is left alone`()
    throws
  {
    let hall = try TrainingHall()
    let registry = try hall.registry()
    let id = try hall.job(registry)
    let stored = try #require(try registry.indexJobs.read(id))
    var fields = try #require(stored.job.json.asObject)
    fields["adapter"] = .null
    let foreign = try #require(try registry.indexJobs.replace(stored, with: TrainingJob(.object(fields))))
    guard case .failed(let message) = try hall.worker(registry).run(foreign.job.id) else {
      return #expect(Bool(false))
    }
    #expect(try registry.indexJobs.read(id)?.job.status == .failed && message.contains("whose version"))
    fields["seq"] = .integer(JSONValue.safeIntegers.upperBound)
    #expect(throws: RegistryError.self) { _ = try TrainingJob(.object(fields)) }
  }
}

extension TrainingHall {
  /// Another machine's store, on the same remote.
  func elsewhere() throws -> Registry {
    let root = fixture.scratch("elsewhere")
    let other = try Registry.create(root, Self.options(fixture))
    if try other.remote() == nil { try other.setRemote(RemoteURI(parsing: "file://\(remote)")) }
    return other
  }
}
