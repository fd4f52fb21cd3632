import RegistryModel
import Testing

extension JobStoreCase {
  static let making: [JobStoreCase] = [
    JobStoreCase(name: "a job that isn't there is nothing") { stage in
      let missing = try JobID(parsing: "job_000000000001")
      #expect(try stage.store.read(missing) == nil)
    },
    JobStoreCase(name: "a job is made once") { stage in
      let job = try TrainingJob.made()
      let made = try #require(try stage.store.create(job))
      #expect(made.job.content == job.content)
      #expect(try stage.store.create(job) == nil)
      #expect(try stage.store.create(TrainingJob.made(config: ["epochs": 1])) == nil)
      let read = try #require(try stage.store.read(job.id))
      #expect(read.job == made.job)
      #expect(read.revision == made.revision)
      #expect(read.changedAt == made.changedAt)
    },
    JobStoreCase(name: "of eight who make one job, one does") { stage in
      let made = try crowd(of: 8) { number in
        try stage.store.create(TrainingJob.made(config: ["epochs": .integer(number)]))
      }
      #expect(made.count { $0 != nil } == 1)
      let winner = try #require(made.compactMap { $0 }.first)
      #expect(try stage.store.read(winner.job.id)?.job == winner.job)
    },
    JobStoreCase(name: "every value of a configuration survives") { stage in
      let config: JSONValue = [
        "empty object": [:], "empty array": [], "null": nil, "true": true, "text": "ü\n\"\\ 🤖", "": "",
      ]
      let keepable = try #require(config.asObject).filter { !$0.key.isEmpty }
      let numbers: JSONValue = [
        "largest": 9_007_199_254_740_991, "least": -9_007_199_254_740_991, "tiny": 1e-300, "huge": 1.5e300,
        "third": 0.1, "seed": 0, "whole": 2.0,
      ]
      let nested: JSONValue = ["layers": [["size": 64], ["size": 32]], "a.b": ["`c": [1, 2.5, "x", nil]]]
      let job = try TrainingJob.made(
        config: .object(keepable.merging(["numbers": numbers, "nested": nested]) { old, _ in old }))
      let made = try #require(try stage.store.create(job))
      #expect(made.job.config == job.config)
      #expect(try stage.store.read(job.id)?.job.config == job.config)
    },
    JobStoreCase(name: "every field of a job survives") { stage in
      let digest = try Digest(parsing: "sha256:" + String(repeating: "a", count: 64))
      let base = TrainingJob.Base(version: try VersionID(parsing: "robot_001_v3"), digest: digest)
      var stored = try #require(
        try stage.store.create(
          TrainingJob(
            id: JobID(random: 7), robot: RobotName(parsing: "robot.1"), createdAt: moment(1),
            config: ["seed": 3], adapter: AdapterName(parsing: "robot_001"), base: base, backend: .vertex)))
      func change(_ change: TrainingJob.Change) throws {
        let next = try stored.job.with(change)
        stored = try #require(try stage.store.replace(stored, with: next))
        #expect(stored.job.content == next.content)
        #expect(try stage.store.read(next.id)?.job == stored.job)
      }
      try change(.uploading)
      try change(.queued(episodesURI: "gs://data/episodes/a.zip", episodesDigest: digest))
      try change(.submitted(backendID: "projects/p/locations/l/customJobs/1"))
      try change(.claimed(workerID: "w1", reserved: VersionID(parsing: "robot_001_v4")))
      let worker = try #require(stored.job.worker)
      try change(.heartbeat(worker, TrainerProgress(step: 1, totalSteps: 10, loss: 0.5)))
      try change(.heartbeat(worker, TrainerProgress(step: 2, totalSteps: nil, loss: nil)))
      try change(.givenBack(worker))
      try change(.claimed(workerID: "w2", reserved: VersionID(parsing: "robot_001_v5")))
      let result = TrainingJob.Result(
        modelURI: "gs://models/adapters/robot_001_v5/", version: try VersionID(parsing: "robot_001_v5"),
        digest: digest, finalLoss: 0.0234, trainingSeconds: 3600)
      try change(.completed(try #require(stored.job.worker), result))
      #expect(stored.job.result == result)
    },
  ]
}
