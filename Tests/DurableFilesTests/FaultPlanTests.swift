#if DEBUG
  import Glibc
  import Synchronization
  import Testing

  @testable import DurableFiles

  /// The little switch that these tests break: a new generation, then the link.
  private func activate(in directory: Directory) throws {
    try directory.makeDirectory("17")
    try put("generation.json", [1], in: directory.directory("17"))
    try directory.makeLink("next", to: "17")
    try Failpoint.reach("commit", needsSpace: true)
    try directory.rename("next", to: "active", replacing: true)
    try directory.sync()
  }

  private let steps = [
    "mkdir 17", "create new file in 17", "write new file in 17", "sync new file in 17",
    "link 17/generation.json",
    "sync 17", "symlink next", "commit", "rename active", "sync .",
  ]

  @Suite(.scratch) struct FaultPlanTests {
    @Test func `a plan records every step in order`() throws {
      let directory = try Scratch.directory()
      let plan = FaultPlan(.record)
      try FaultPlan.$current.withValue(plan) { try activate(in: directory) }
      #expect(plan.steps == steps)
      #expect(plan.count == steps.count && plan.syncCount == 3)
      #expect(FaultPlan.current == nil)
    }

    @Test(arguments: 1...steps.count)
    func `a kill happens before its step and after the others`(step: Int) async throws {
      await #expect(processExitsWith: .signal(SIGKILL)) { [path = Scratch.path as String, step] in
        let directory = try Directory.open(path)
        try FaultPlan.$current.withValue(FaultPlan(.kill(before: step))) { try activate(in: directory) }
      }
      let directory = try Scratch.directory()
      #expect(try (directory.status("17") != nil) == (step > 1))
      #expect(try (directory.status("17/generation.json") != nil) == (step > 5))
      #expect(try (directory.status("next") != nil) == (step == 8 || step == 9))
      #expect(try (directory.status("active") != nil) == (step > 9))
    }

    @Test(arguments: 1...steps.count)
    func `a failing step throws its error and changes nothing`(step: Int) throws {
      let directory = try Scratch.directory()
      let plan = FaultPlan(.fail(at: step, errno: EROFS))
      FaultPlan.$current.withValue(plan) {
        #expect(failure { try activate(in: directory) } == EROFS)
      }
      #expect(plan.steps == Array(steps.prefix(step)))
      #expect(try (directory.status("active") != nil) == (step > 9))
    }

    @Test func `a full disk lets renames and removals through until the reserve is released`() throws {
      let directory = try Scratch.directory()
      let reserve = Reserve(in: directory)
      try reserve.arm(4096)
      try directory.makeLink("back", to: "16")
      try FaultPlan.$current.withValue(FaultPlan(.full(from: 2))) {
        try directory.makeDirectory("before")
        #expect(failure { try directory.makeDirectory("after") } == ENOSPC)
        #expect(failure { try directory.createFile() } == ENOSPC)
        #expect(failure { try Failpoint.reach("commit", needsSpace: true) } == ENOSPC)
        #expect(failure { try Failpoint.reach("note") } == nil)
        try directory.rename("back", to: "active", replacing: true)
        try directory.sync()
        #expect(failure { try directory.makeLink("x", to: "y") } == ENOSPC)
        try reserve.release()
        try directory.makeLink("x", to: "y")
        #expect(try !reserve.release())
      }
    }

    @Test func `a full disk without a reserve stays full, and arming one is no error`() throws {
      let directory = try Scratch.directory()
      FaultPlan.$current.withValue(FaultPlan(.full(from: 1))) {
        let reserve = Reserve(in: directory)
        #expect(failure { try #require(try !reserve.arm(4096)) } == nil)
        #expect(failure { try #require(try !reserve.release()) } == nil)
        #expect(failure { try directory.makeDirectory("x") } == ENOSPC)
      }
    }

    @Test func `an omitted sync claims success without a flush`() async throws {
      // Flushes are counted for the whole process, so this one is alone in its own.
      await #expect(processExitsWith: .success) { [path = Scratch.path as String] in
        let directory = try Directory.open(path)
        let before = Flushes.count
        let plan = FaultPlan(.omitSync(number: 2))
        try FaultPlan.$current.withValue(plan) { try activate(in: directory) }
        #expect(plan.steps == steps)
        #expect(Flushes.count - before == 2)
      }
    }

    @Test func `flushes are counted exactly`() async throws {
      await #expect(processExitsWith: .success) { [path = Scratch.path as String] in
        let directory = try Directory.open(path)
        #expect(Flushes.count == 0)
        try activate(in: directory)
        #expect(Flushes.count == 3)
        try Reserve(in: directory).arm(4096)
        #expect(Flushes.count == 5)
        try Reserve(in: directory).release()
        #expect(Flushes.count == 6)
      }
    }

    @Test func `a closure runs before its step, and its own steps don't count`() throws {
      let directory = try Scratch.directory()
      let plan = FaultPlan(
        .call(at: 9) {
          #expect(failure { try directory.makeLink("active", to: "16") } == nil)
        })
      try FaultPlan.$current.withValue(plan) { try activate(in: directory) }
      #expect(plan.steps == steps)
      #expect(try directory.readLink("active") == "17")
    }

    @Test func `actions are combined, and a trace lists what was reached`() throws {
      let directory = try Scratch.directory()
      let plan = FaultPlan(.trace(path: "\(Scratch.path)/trace"), .fail(at: 2, errno: EIO))
      FaultPlan.$current.withValue(plan) { #expect(failure { try activate(in: directory) } == EIO) }
      let trace = try directory.readSmallFile("trace")
      #expect(String(decoding: trace, as: UTF8.self) == "mkdir 17\ncreate new file in 17\n")
    }

    @Test func `a plan holds for synchronous code on a plain thread`() throws {
      final class Work: Sendable {
        let directory: Directory
        let plan = FaultPlan(.record)
        let outside = FaultPlan(.record)
        init(_ directory: Directory) { self.directory = directory }
      }
      let work = Work(try Scratch.directory())
      var thread = pthread_t()
      let started = pthread_create(
        &thread, nil,
        { context in
          guard let context else { return nil }
          let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
          FaultPlan.$current.withValue(work.plan) {
            #expect(failure { try work.directory.makeDirectory("17") } == nil)
          }
          #expect(FaultPlan.current == nil)
          return nil
        }, Unmanaged.passRetained(work).toOpaque())
      try #require(started == 0)
      pthread_join(thread, nil)
      #expect(work.plan.steps == ["mkdir 17"])
    }
  }

  @Suite(.scratch) struct FaultPlanEnvironmentTests {
    @Test func `the variable kills the process at its step`() async throws {
      await #expect(processExitsWith: .signal(SIGKILL)) { [path = Scratch.path as String] in
        setenv("MODELCTL_FAULT", "trace:\(path)/trace,kill:9", 1)
        try activate(in: Directory.open(path))
      }
      let trace = try Scratch.directory().readSmallFile("trace")
      #expect(String(decoding: trace, as: UTF8.self) == steps.prefix(9).map { "\($0)\n" }.joined())
    }

    @Test func `the variable kills the process at a sync, whatever comes between`() async throws {
      await #expect(processExitsWith: .signal(SIGKILL)) { [path = Scratch.path as String] in
        setenv("MODELCTL_FAULT", "trace:\(path)/trace,killsync:2", 1)
        try activate(in: Directory.open(path))
      }
      let trace = String(decoding: try Scratch.directory().readSmallFile("trace"), as: UTF8.self)
      let reached = trace.split(separator: "\n").map(String.init)
      #expect(reached == Array(steps.prefix(reached.count)) && reached.last?.hasPrefix("sync ") == true)
      #expect(reached.count { $0.hasPrefix("sync ") } == 2)
    }

    @Test func `the variable fails a step by its number`() async throws {
      await #expect(processExitsWith: .success) { [path = Scratch.path as String] in
        setenv("MODELCTL_FAULT", "fail:2:28", 1)
        let directory = try Directory.open(path)
        #expect(failure { try activate(in: directory) } == ENOSPC)
      }
    }

    @Test(arguments: [
      "kill:1", "killsync:2", "fail:17:28", "full:17", "omit:3", "trace:/a:b", "kill:2,trace:/x",
    ])
    func `a plan is understood`(text: String) {
      #expect(FaultPlan.parse(text) != nil)
    }

    @Test(arguments: [
      "", "kill", "kill:", "kill:0", "kill:-1", "kill:x", "fail:1", "fail:1:2:3", "trace:", "kill:1,",
    ])
    func `a text that isn't a plan is refused`(text: String) {
      #expect(FaultPlan.parse(text) == nil)
    }

    @Test func `a process with a text that isn't a plan stops`() async {
      await #expect(processExitsWith: .failure) { [path = Scratch.path as String] in
        setenv("MODELCTL_FAULT", "kil:9", 1)
        try Directory.open(path).makeDirectory("17")
      }
    }
  }
#endif
