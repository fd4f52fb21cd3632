import RegistryModel
import Synchronization
import Testing

extension JobStoreCase {
  static let changing: [JobStoreCase] = [
    JobStoreCase(name: "a change replaces exactly what was read") { stage in
      let made = try #require(try stage.store.create(TrainingJob.made()))
      let next = try made.job.with(.uploading)
      let changed = try #require(try stage.store.replace(made, with: next))
      #expect(changed.job.content == next.content)
      #expect(changed.revision != made.revision)
      #expect(changed.changedAt >= made.changedAt)
      #expect(try stage.store.read(next.id)?.job == changed.job)
    },
    JobStoreCase(name: "what somebody changed meanwhile is left alone") { stage in
      let made = try #require(try stage.store.create(TrainingJob.made()))
      let first = try #require(try stage.store.replace(made, with: made.job.with(.uploading)))
      #expect(try stage.store.replace(made, with: made.job.with(.cancelled("late"))) == nil)
      // Not even the very same change again, with nothing lost on the way.
      #expect(try stage.store.replace(made, with: made.job.with(.uploading)) == nil)
      let read = try #require(try stage.store.read(made.job.id))
      #expect(read.job == first.job)
      #expect(read.revision == first.revision)
    },
    JobStoreCase(name: "a job that isn't there can't be changed") { stage in
      let made = try #require(try stage.store.create(TrainingJob.made()))
      let missing = try TrainingJob.made("job_000000000002")
      let stored = StoredJob(
        job: missing, revision: made.revision, changedAt: made.changedAt, readAt: made.readAt)
      #expect(try stage.store.replace(stored, with: missing.with(.uploading)) == nil)
      #expect(try stage.store.read(missing.id) == nil)
    },
    JobStoreCase(name: "eight threads change one job, and every number is given once") { stage in
      let made = try #require(try stage.store.create(TrainingJob.made()))
      let claimed = try #require(try stage.store.replace(made, with: made.job.claimed(by: "w")))
      let lost = Atomic(0)
      let rounds = 5
      let numbers = try crowd(of: 8) { _ in
        var numbers: [Int64] = []
        while numbers.count < rounds {
          let stored = try #require(try stage.store.read(claimed.job.id))
          let worker = try #require(stored.job.worker)
          let step = (stored.job.progress?.step ?? 0) + 1
          let next = try stored.job.with(
            .heartbeat(worker, TrainerProgress(step: step, totalSteps: nil, loss: nil)))
          if let changed = try stage.store.replace(stored, with: next) {
            numbers.append(changed.job.seq)
          } else {
            lost.add(1, ordering: .relaxed)
          }
        }
        return numbers
      }
      #expect(numbers.flatMap { $0 }.sorted() == (3...Int64(2 + 8 * rounds)).map { $0 })
      let last = try #require(try stage.store.read(claimed.job.id))
      #expect(last.job.seq == Int64(2 + 8 * rounds))
      #expect(last.job.progress?.step == Int64(8 * rounds))
    },
    JobStoreCase(name: "of eight workers who claim one job, one gets it") { stage in
      let made = try #require(try stage.store.create(TrainingJob.made()))
      let won = try crowd(of: 8) { number in
        try stage.store.replace(made, with: made.job.claimed(by: "w\(number)"))
      }.compactMap { $0 }
      #expect(won.count == 1)
      #expect(try stage.store.read(made.job.id)?.job.worker == won.first?.job.worker)
    },
    JobStoreCase(name: "a store's times are its own and in order") { stage in
      // Far from any clock here: the job's own times are for people.
      let made = try #require(try stage.store.create(TrainingJob.made(at: 5_000_000_000)))
      #expect(made.readAt >= made.changedAt)
      let read = try #require(try stage.store.read(made.job.id))
      #expect(read.changedAt == made.changedAt)
      #expect(read.readAt >= made.readAt)
      let changed = try #require(try stage.store.replace(read, with: read.job.with(.uploading)))
      #expect(changed.changedAt >= read.changedAt)
      #expect(try stage.store.list(JobQuery()).jobs.first?.changedAt == changed.changedAt)
      #expect(changed.changedAt.milliseconds < moment(5_000_000_000).milliseconds)
    },
    JobStoreCase(name: "a worker's silence is told by the store's clock", needs: [.clock]) { stage in
      var stored = try #require(try stage.store.create(TrainingJob.made()))
      stored = try #require(try stage.store.replace(stored, with: stored.job.claimed(by: "w")))
      #expect(stored.silenceMilliseconds == 0)
      try stage.move(91)
      let silent = try #require(try stage.store.read(stored.job.id))
      #expect(silent.silenceMilliseconds == 91_000)
      #expect(try stage.store.list(JobQuery()).jobs.map(\.silenceMilliseconds) == [91_000])
      let worker = try #require(silent.job.worker)
      stored = try #require(try stage.store.replace(silent, with: silent.job.with(.heartbeat(worker, nil))))
      #expect(stored.silenceMilliseconds == 0)
      #expect(try stage.store.read(stored.job.id)?.silenceMilliseconds == 0)
    },
  ]
}
