import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

@Suite struct `config.yaml` {
  @Test(arguments: [
    ("gatee: {command: [true]}", #"did you mean "gate"?"#),
    ("trial: {attempt: 3}", #"did you mean "attempts"?"#),
    ("notify: {signall: HUP}", #"did you mean "signal"?"#),
    ("colour: red", "the known fields are root, gate"),
  ]) func `an unknown key is an error with a suggestion`(_ text: String, _ hint: String) throws {
    let error = try failure(of: text)
    #expect(error.message.contains("has the unknown field"))
    #expect(error.hint.contains(hint), "\(error.hint)")
  }

  @Test(arguments: [
    "trial: {attempts: 0}", "trial: {attempts: many}", "trial: {deadline: 10}", "trial: 3",
    "gate: {timeout: 10s}",
    "gate: {command: []}", "gate: {command: [true], timeout: soon}", "gate: {command: [1]}",
    "notify: {signal: KILL}", "notify: {command: [1]}", "notify: {command: []}", "health: {}",
    "health: {tick_limit_ms: fast}", "health: {tick_limit_ms: -5}", "facts: {gripper: [a]}", "wait: 10",
    "wait: -1s", "root: 3", "cache: {limit: 0}", "cache: {limit: much}", "cache: {clean_at_percent: 0}",
    "cache: {clean_at_percent: 101}", "cache: {older_than: 7}", "cache: 1GiB",
    "root: {", "- a", "trial: {attempts: 3}\ntrial: {attempts: 4}", "a: &x 1\nfacts: {b: *x}",
  ]) func `a bad value is an error that names the file`(_ text: String) throws {
    let error = try failure(of: text)
    #expect(error.message.contains("config.yaml"), "\(error.message)")
  }

  private func failure(of text: String) throws -> CommandError {
    let store = try CommandStore.ready()
    let config = try store.scratch.write("config.yaml", text)
    return try store.failure("list", "--config", config, code: 64, "usage")
  }

  @Test func `a file that isn't there or lost its bytes is an error, one without settings is none`() throws {
    let store = try CommandStore.ready()
    let missing = try store.failure("list", "--config", store.scratch("none.yaml"), code: 64, "usage")
    #expect(missing.message.contains("none.yaml"))
    let empty = try store.scratch.write("empty.yaml", "")
    try store.failure("list", "--config", empty, code: 64, "usage")
    try store.ctl("list", "--config", store.scratch.write("comment.yaml", "# nothing yet\n"))
  }

  @Test func `the store's own config.yaml holds where none is named`() throws {
    let store = try CommandStore.ready()
    try Data("trial: {attempts: 5, deadline: 10m}\nwait: 0s\n".utf8).write(
      to: URL(filePath: "\(store.root)/config.yaml"))
    #expect(try store.json("activate", "robot_001_v2")["attempts_left"]?.asInt == 5)
    let other = try store.scratch.write("other.yaml", "trial: {attempts: 7}\n")
    #expect(try store.json("activate", "robot_001_v3", "--config", other)["attempts_left"]?.asInt == 7)
    let held = try HeldLock(store, "switch")
    try store.failure("confirm", code: 75, "busy")
    held.release()
    let record = try store.json("active", "--config", other)
    #expect(record["generation"]?.asInt == 3)
    let text = try String(contentsOfFile: "\(store.root)/generations/2/generation.json", encoding: .utf8)
    #expect(text.contains(#""trial":{"attempts":5,"deadline_seconds":600}"#), "\(text)")
  }

  @Test func `a gate that says no refuses with its reason, and one that hangs is ended`() throws {
    let store = try CommandStore.ready()
    let closed = try store.scratch.write(
      "closed.yaml", "gate: {command: [sh, -c, 'echo the arm moves; exit 1']}\n")
    let refused = try store.failure("activate", "robot_001_v2", "--config", closed, code: 4, "refused")
    #expect(refused.message.contains("the gate says no: the arm moves"))
    let hangs = try store.scratch.write("hangs.yaml", "gate: {command: [sleep, '1000'], timeout: 50ms}\n")
    let late = try store.failure("activate", "robot_001_v2", "--config", hangs, code: 4, "refused")
    #expect(late.message.contains("sleep took longer than 50ms"))
    let absent = try store.scratch.write("absent.yaml", "gate: {command: [/no/such/gate]}\n")
    try store.failure("activate", "robot_001_v2", "--config", absent, code: 4, "refused")
    let reasons = try #require(
      store.json("history")["switches"]?.asArray?.compactMap { $0["reason"]?.asString })
    #expect(reasons.contains("the gate says no: the arm moves"), "a refusal is in the history")
    #expect(try store.ctl("doctor", "--config", absent, code: 1).out.contains("/no/such/gate can't be run"))
    let open = try store.scratch.write("open.yaml", "gate: {command: ['true']}\n")
    try store.ctl("activate", "robot_001_v2", "--config", open)
    try store.ctl("rollback", "--config", closed)
  }

  @Test func `a probe that fails reverts and blocks`() throws {
    let store = try CommandStore.ready()
    let bad = try store.scratch.write(
      "bad.yaml",
      "probe: {command: [sh, -c, 'test -f $MODELCTL_ACTIVE_PATH/robot_001/nothing'], timeout: 30s}\n")
    let outcome = try store.json("activate", "robot_001_v2", "--config", bad)
    #expect(outcome["generation"]?.asInt == 1)
    #expect(outcome["warnings"]?.asArray?.last?.asString?.hasPrefix("the probe failed") == true)
    try store.failure("activate", "robot_001_v2", code: 4, "refused")
    let good = try store.scratch.write(
      "good.yaml", "probe: {command: [sh, -c, 'test -f $MODELCTL_ACTIVE_PATH/robot_001/lora_adapters.npz']}\n"
    )
    #expect(try store.json("activate", "robot_001_v3", "--config", good)["state"]?.asString == "trial")
  }

  @Test func `notify rewrites a file, signals a process and runs a command`() throws {
    let store = try CommandStore.ready()
    let watched = try store.scratch.write("manifest.json", "{}")
    let told = store.scratch("told")
    let runtime = try Child(["sleep", "1000"], environment: Program.environment)
    try store.scratch.write("runtime.pid", "\(runtime.process)\n")
    let config = try store.scratch.write(
      "config.yaml",
      """
      notify:
        rewrite: \(watched)
        pid_file: \(store.scratch("runtime.pid"))
        signal: USR1
        command: [sh, -c, 'echo $MODELCTL_GENERATION $MODELCTL_ACTIVE_PATH > \(told)']
        timeout: 5s
      """)
    let before = try modified(watched)
    let outcome = try store.ctl("activate", "robot_001_v2", "--config", config)
    #expect(outcome.err == "")
    #expect(try runtime.wait().signal == SIGUSR1)
    #expect(try modified(watched) > before)
    #expect(try String(contentsOfFile: watched, encoding: .utf8) == "{}")
    #expect(try String(contentsOfFile: told, encoding: .utf8) == "2 \(store.root)/generations/2\n")
    // The runtime is gone: the switch stands, and the failure is a warning.
    let alone = try store.ctl("rollback", "--config", config)
    #expect(alone.out == "rolled back: generation 1 is active: robot_001_v1; confirmed\n")
    #expect(alone.err.hasPrefix("warning: can't signal the process \(runtime.process)"))
    #expect(try store.ctl("doctor", "--config", config, code: 1).out.contains("PROBLEM  notify"))
  }

  private func modified(_ path: String) throws -> Int {
    var status = stat()
    try #require(stat(path, &status) == 0)
    return status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
  }

  @Test func `health and facts judge by the configuration`() throws {
    let store = try CommandStore.onTrial()
    let config = try store.scratch.write(
      "config.yaml",
      "health: {tick_limit_ms: 20}\nfacts: {gripper: parallel, firmware: 1.4.2, tool: 3, ready: true}\n")
    let fine = try store.json("health", "--ticks-ms", "30,30,30")
    #expect(fine["reverted"]?.isNull == true)
    let late = try store.json("health", "--ticks-ms", "30,30,30", "--config", config)
    #expect(late["reverted"]?.asString == "fault")
    try store.ctl(
      "publish", "robot_001", store.source("four"), "--requires", "gripper=parallel", "--requires",
      "firmware>=1.4",
      "--requires", "tool=3", "--requires", "ready=true")
    try store.failure("activate", "robot_001_v4", code: 4, "refused")
    try store.ctl("activate", "robot_001_v4", "--config", config)
    try store.ctl("publish", "robot_001", store.source("five"), "--requires", "firmware>=1.10")
    let old = try store.failure("activate", "robot_001_v5", "--config", config, code: 4, "refused")
    #expect(old.message.contains("requires firmware>=1.10, and it is 1.4.2"))
  }
}
