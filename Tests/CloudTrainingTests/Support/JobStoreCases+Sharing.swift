import RegistryModel
import Testing

extension JobStoreCase {
  /// What others do to the documents.
  static let sharing: [JobStoreCase] = [
    JobStoreCase(name: "fields of others survive every change", needs: [.others]) { stage in
      let others = try stage.foreign()
      let made = try #require(try stage.store.create(TrainingJob.made()))
      let claimed = try #require(try stage.store.replace(made, with: made.job.claimed(by: "w")))
      let members = try others.members(of: claimed.job.id.text)
      let worker = try #require(members["worker"]?.asObject)
      try others.write(
        claimed.job.id.text,
        [
          "note": "ours", "owner": ["team": ["arm", "leg"]],
          "worker": .object(worker.merging(["zone": "b"]) { old, _ in old }),
        ])
      var stored = try #require(try stage.store.read(claimed.job.id))
      #expect(stored.job.content == claimed.job.content)
      for step in Int64(1)...2 {
        let next = try stored.job.with(
          .heartbeat(
            #require(stored.job.worker), TrainerProgress(step: step, totalSteps: 2, loss: 0.5)))
        stored = try #require(try stage.store.replace(stored, with: next))
      }
      let after = try others.members(of: claimed.job.id.text)
      #expect(after["note"] == "ours")
      #expect(after["owner"] == ["team": ["arm", "leg"]])
      #expect(after["worker"]?["zone"] == "b")
      #expect(after["worker"]?["id"] == "w")
      #expect(after["progress"] == ["step": 2, "total_steps": 2, "loss": 0.5])
    },
    JobStoreCase(name: "a change of others, even of a field of theirs, is noticed", needs: [.others]) {
      stage in
      let made = try #require(try stage.store.create(TrainingJob.made()))
      try stage.foreign().write(made.job.id.text, ["note": "ours"])
      #expect(try stage.store.replace(made, with: made.job.with(.uploading)) == nil)
      let read = try #require(try stage.store.read(made.job.id))
      #expect(read.revision != made.revision)
      #expect(read.job == made.job)
    },
    JobStoreCase(name: "an older document is read, listed in its place and changed", needs: [.others]) {
      stage in
      let others = try stage.foreign()
      for (id, status, second) in [("old-1", "running", 2), ("old-2", "pending", 4), ("old-3", "failed", 6)] {
        try others.write(
          id,
          [
            "job_id": .string(id), "robot_id": "robot_001", "status": .string(status),
            "created_at": .string(moment(Int64(second)).description), "config": ["model_type": "wavecore"],
          ])
      }
      for number in [1, 3, 5, 7] { _ = try #require(try stage.store.create(TrainingJob.numbered(number))) }
      for limit in [1, 2, 3, 7, 100] {
        let (jobs, problems, _) = try stage.store.all(JobQuery(limit: limit))
        #expect(jobs.map(\.job.createdAt) == (1...7).reversed().map { moment($0) })
        #expect(problems.isEmpty)
      }
      let old = try #require(try stage.store.read(JobID(parsing: "old-2")))
      #expect(old.job.seq == 0 && old.job.status == .pending && old.job.adapter == nil)
      let changed = try #require(try stage.store.replace(old, with: old.job.with(.cancelled("old"))))
      #expect(changed.job.seq == 1)
      #expect(try stage.store.read(old.job.id)?.job == changed.job)
      // It keeps its place, and what it was made with.
      #expect(try stage.store.all(JobQuery(limit: 2)).jobs.map(\.job.createdAt)[3] == moment(4))
      #expect(try others.members(of: "old-2")["config"] == ["model_type": "wavecore"])
    },
    JobStoreCase(name: "strange documents are problems, and the rest is listed", needs: [.others]) { stage in
      let others = try stage.foreign()
      func document(_ id: String, _ changes: [String: JSONValue]) throws {
        let members: [String: JSONValue] = [
          "job_id": .string(id), "robot_id": "robot_001", "status": "pending",
          "created_at": .string(moment(3).description), "config": [:],
        ]
        try others.write(id, members.merging(changes) { _, new in new })
      }
      try document("strange-status", ["status": "resting"])
      try document("strange-robot", ["robot_id": "../robot"])
      try document("strange-name", ["job_id": "another"])
      try document("strange-time", ["created_at": "yesterday"])
      try document("strange-seq", ["seq": "many"])
      try document("strange-worker", ["worker": ["name": "w"]])
      try document("strange-result", ["adapter": "robot_001", "result": ["version": "robot_002_v1"]])
      for number in [1, 5] { _ = try #require(try stage.store.create(TrainingJob.numbered(number))) }
      let before = try others.members(of: "strange-status")
      for limit in [1, 3, 100] {
        let (jobs, problems, _) = try stage.store.all(JobQuery(limit: limit))
        #expect(jobs.map(\.job.createdAt) == [moment(5), moment(1)])
        #expect(problems.count == 7)
        for name in ["status", "robot", "name", "time", "seq", "worker", "result"] {
          #expect(problems.count { $0.contains("strange-\(name)") } == 1)
        }
      }
      let error = #expect(throws: RegistryError.self) {
        try stage.store.read(JobID(parsing: "strange-status"))
      }
      #expect(error?.code == .integrity)
      #expect(error?.message.contains("strange-status") == true)
      #expect(try others.members(of: "strange-status") == before)
      // It isn't made anew either.
      #expect(try stage.store.create(TrainingJob.made("strange-status")) == nil)
      #expect(try others.members(of: "strange-status") == before)
    },
  ]
}
