import Glibc
import ModelRegistry
import TestSupport
import Testing

/// The gate before an activation and the probe after it.
@Suite struct HookTests {
  private func hook(_ script: String, timeoutMilliseconds: Int64 = 60_000) -> HookCommand {
    HookCommand(arguments: ["/bin/sh", "-c", script], timeoutMilliseconds: timeoutMilliseconds)
  }

  @Test func `an open gate lets an activation through`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open(Configuration(gate: hook("exit 0")))
    #expect(try registry.activate("robot_001_v2").switched)
  }

  @Test(arguments: [
    ("echo arm is moving; exit 3", "arm is moving"), ("echo motion on >&2; exit 1", "motion on"),
    ("exit 1", "without a word"), ("kill -9 $$", "without a word"),
  ])
  func `a closed gate refuses with its own words`(script: String, words: String) throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open(Configuration(gate: hook(script)))
    let changed = try change(of: fixture.root) { () throws in
      let error = try failure { try registry.activate("robot_001_v2") }
      #expect(error.code == .refused && error.message.contains(words), "\(error)")
      #expect(code { try registry.deactivate("robot_001") } == .refused)
    }
    #expect(changed == [])
    #expect(try registry.audit().items.last?.record.kind == .refuse)
    #expect(try registry.history(limit: 2).items.map(\.kind) == [.refused, .refused])
  }

  @Test func `a gate that hangs is closed when its time is up`() throws {
    let fixture = try StoreFixture.copied()
    // The second process would keep the pipe open: it goes with its group.
    let gate = hook("/bin/sleep 600 & /bin/sleep 600", timeoutMilliseconds: 100)
    let error = try failure { try fixture.open(Configuration(gate: gate)).activate("robot_001_v2") }
    #expect(error.code == .refused && error.message.contains("longer than"))
    #expect(fixture.active == "generations/1")
  }

  @Test func `a gate that can't be started is closed`() throws {
    let fixture = try StoreFixture.copied()
    for arguments in [["/nowhere/gate"], []] {
      let gate = HookCommand(arguments: arguments, timeoutMilliseconds: 1000)
      let error = try failure { try fixture.open(Configuration(gate: gate)).activate("robot_001_v2") }
      #expect(error.code == .refused && error.message.contains("can't be started"))
    }
  }

  @Test func `a gate is asked neither at boot nor on the way back`() throws {
    let fixture = try StoreFixture.copied()
    try fixture.open().activate("robot_001_v2")
    let closed = Configuration(gate: hook("exit 1"), probe: hook("exit 1"))
    #expect(try Registry.boot(fixture.root, fixture.options(closed)).generation == 2)
    #expect(try fixture.open(closed).rollback().generation == 1)
  }

  @Test func `what is active already asks no gate`() throws {
    let fixture = try StoreFixture.copied()
    #expect(try !fixture.open(Configuration(gate: hook("exit 1"))).activate("robot_001_v1").switched)
  }

  @Test func `a command starts with no signal blocked or ignored`() async throws {
    // Threads of a service block signals and ignore SIGPIPE; a runtime that a hook starts must not inherit that.
    await #expect(processExitsWith: .success) {
      let fixture = try StoreFixture.ready()
      var all = sigset_t()
      sigfillset(&all)
      pthread_sigmask(SIG_SETMASK, &all, nil)
      signal(SIGPIPE, SIG_IGN)
      for pattern in ["^SigBlk:.0{16}$", "^SigIgn:.0000000[01]80000000$|^SigIgn:.0{16}$"] {
        let gate = HookCommand(
          arguments: ["/bin/grep", "-qE", pattern, "/proc/self/status"], timeoutMilliseconds: 60_000)
        let registry = try fixture.open(Configuration(gate: gate))
        #expect(try registry.activate("robot_001_v2").switched, "\(pattern)")
        try registry.rollback()
      }
    }
  }

  @Test func `a gate that prints without end is heard to its end`() throws {
    let fixture = try StoreFixture.copied()
    let gate = hook("yes noise | head -c 1000000; echo; echo enough; exit 1")
    let error = try failure { try fixture.open(Configuration(gate: gate)).activate("robot_001_v2") }
    #expect(error.message.contains("enough") && error.message.utf8.count < 5000, "\(error)")
  }

  @Test func `a gate that prints faster than it is read is stopped in time`() throws {
    let fixture = try StoreFixture.copied()
    let gate = HookCommand(arguments: ["/usr/bin/yes"], timeoutMilliseconds: 100)
    let error = try failure { try fixture.open(Configuration(gate: gate)).activate("robot_001_v2") }
    #expect(error.message.contains("longer than"))
  }

  @Test func `a probe that passes lets the trial go on, and it is told what to probe`() throws {
    let fixture = try StoreFixture.copied()
    let script =
      "[ \"$MODELCTL_GENERATION\" = 2 ] && cat \"$MODELCTL_ACTIVE_PATH/robot_001/lora_adapters.npz\""
    let probe = hook("\(script) > '\(fixture.scratch("seen"))'")
    let result = try fixture.open(Configuration(probe: probe)).activate("robot_001_v2")
    #expect(result.state == .trial && result.generation == 2 && result.warnings == [])
    #expect(try contents(fixture.scratch("seen")) == "weights of two")
  }

  @Test(arguments: [("echo no inference; exit 1", "no inference"), ("/bin/sleep 600", "longer than")])
  func `a probe that fails or hangs reverts and blocks`(script: String, words: String) throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open(Configuration(probe: hook(script, timeoutMilliseconds: 2_000)))
    let result = try registry.activate("robot_001_v2")
    #expect(result.generation == 1 && result.state == .confirmed)
    #expect(result.warnings.contains { $0.contains(words) }, "\(result.warnings)")
    #expect(try fixture.isBlocked("robot_001_v2"))
    let entry = try #require(try registry.history(limit: 1).items.first)
    #expect(entry.kind == .revert && entry.reason?.contains("probe") == true)
    try fixture.expectSound()
  }

  enum Held: CaseIterable { case gate, probe, failingProbe, notify }

  @Test(arguments: Held.allCases)
  func `a rollback is not delayed by a command that hangs`(held: Held) throws {
    let fixture = try StoreFixture.copied()
    try fixture.open().activate("robot_001_v2", ActivationOptions(confirmed: true))
    let hook = try HeldCommand(fixture.scratch, exit: held == .failingProbe ? 1 : 0)
    let configuration =
      switch held {
      case .gate: Configuration(gate: hook.command)
      case .probe, .failingProbe: Configuration(probe: hook.command)
      case .notify: Configuration(notify: SwitchNotification(command: hook.command))
      }
    let activation = Running { try fixture.open(configuration).activate("robot_001_v3") }
    try hook.waitUntilItRuns()
    let back = try fixture.open().rollback()
    #expect(!activation.isDone, "the rollback was done while the command still ran")
    #expect(back.generation == (held == .gate ? 1 : 2))
    try hook.letItGoOn()
    switch held {
    case .gate: #expect(try failure { try activation.get() }.message.contains("meanwhile"))
    case .failingProbe:
      let result = try activation.get()
      #expect(result.generation == 2 && result.warnings.contains { $0.contains("active already") })
    case .probe, .notify: #expect(try activation.get().generation == 2)
    }
    #expect(fixture.active == (held == .gate ? "generations/1" : "generations/2"))
    try fixture.expectSound()
  }
}
