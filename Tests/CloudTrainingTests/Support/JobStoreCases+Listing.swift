import RegistryModel
import Testing

extension JobStoreCase {
  static let listing: [JobStoreCase] = [
    JobStoreCase(name: "an empty store lists nothing") { stage in
      #expect(try stage.store.list(JobQuery()) == JobPage(jobs: []))
      let robot = try RobotName(parsing: "robot_001")
      #expect(try stage.store.list(JobQuery(robot: robot, status: .queued)) == JobPage(jobs: []))
    },
    JobStoreCase(name: "jobs are listed newest first, whatever the pages") { stage in
      let order = [7, 2, 11, 1, 9, 4, 3, 10, 6, 8, 5]
      for number in order { _ = try #require(try stage.store.create(TrainingJob.numbered(number))) }
      for limit in [1, 2, 3, 10, 11, 12, 1000] {
        let (jobs, problems, pages) = try stage.store.all(JobQuery(limit: limit))
        #expect(jobs.map(\.job.createdAt) == (1...11).reversed().map { moment($0) })
        #expect(problems.isEmpty)
        #expect(pages == (11 + limit - 1) / limit)
      }
    },
    JobStoreCase(name: "jobs of one moment are all listed, and once") { stage in
      for number in 1...9 { _ = try #require(try stage.store.create(TrainingJob.numbered(number, at: 5))) }
      for limit in [1, 2, 4, 9] {
        let jobs = try stage.store.all(JobQuery(limit: limit)).jobs
        #expect(jobs.count == 9)
        #expect(Set(jobs.map(\.job.id)).count == 9)
      }
    },
    JobStoreCase(name: "a list can be of one robot, one status, or both") { stage in
      let robots = ["robot_001", "robot_002", "robot_00"]
      for number in 0..<12 {
        let made = try #require(
          try stage.store.create(
            TrainingJob.made("job_\(number)", robot: robots[number % 3], at: Int64(number))))
        if number % 2 == 0 {
          _ = try #require(try stage.store.replace(made, with: made.job.with(.uploading)))
        }
      }
      let robot = try RobotName(parsing: "robot_001")
      for limit in [1, 100] {
        func numbers(_ robot: RobotName?, _ status: JobStatus?) throws -> [String] {
          try stage.store.all(JobQuery(robot: robot, status: status, limit: limit)).jobs.map(\.job.id.text)
        }
        #expect(try numbers(robot, nil) == ["job_9", "job_6", "job_3", "job_0"])
        #expect(try numbers(robot, .uploading) == ["job_6", "job_0"])
        #expect(try numbers(robot, .pending) == ["job_9", "job_3"])
        #expect(try numbers(robot, .failed) == [])
        #expect(try numbers(nil, .uploading) == ["job_10", "job_8", "job_6", "job_4", "job_2", "job_0"])
      }
    },
    JobStoreCase(name: "a listed job can be changed as one that was read") { stage in
      _ = try #require(try stage.store.create(TrainingJob.made()))
      let listed = try #require(try stage.store.list(JobQuery()).jobs.first)
      let read = try #require(try stage.store.read(listed.job.id))
      #expect(listed.job == read.job)
      #expect(listed.revision == read.revision)
      let changed = try #require(try stage.store.replace(listed, with: listed.job.with(.uploading)))
      #expect(try stage.store.list(JobQuery()).jobs.map(\.job) == [changed.job])
    },
    JobStoreCase(name: "a job that is made while pages are read moves no other") { stage in
      for number in 1...4 { _ = try stage.store.create(TrainingJob.numbered(number)) }
      let first = try stage.store.list(JobQuery(limit: 2))
      _ = try #require(try stage.store.create(TrainingJob.numbered(5)))
      let second = try stage.store.list(JobQuery(limit: 2, after: first.next))
      #expect((first.jobs + second.jobs).map(\.job.createdAt) == [4, 3, 2, 1].map { moment($0) })
    },
    JobStoreCase(name: "what isn't the name of a page is refused") { stage in
      for text in ["", "nonsense", "e30", "bnVsbA"] {
        let error = #expect(throws: RegistryError.self) { try stage.store.list(JobQuery(after: text)) }
        #expect(error?.code == .usage)
      }
    },
    JobStoreCase(name: "a thousand jobs are listed in pages") { stage in
      _ = try crowd(of: 8) { part in
        for number in 0..<125 { _ = try stage.store.create(TrainingJob.numbered(1 + part + 8 * number)) }
      }
      let (jobs, problems, pages) = try stage.store.all(JobQuery(limit: 300))
      #expect(jobs.map(\.job.createdAt) == (1...1000).reversed().map { moment($0) })
      #expect(problems.isEmpty)
      #expect(pages == 4)
      #expect(try stage.store.list(JobQuery(limit: 1000)).jobs.count == 1000)
    },
  ]
}
