import Glibc
import ModelRegistry
import TestSupport
import Testing

/// One test for each exit code of the contract. 7 (network or remote) can't occur yet: no command of this program
/// uses a network; ``ExitingFailureTests`` holds what it will be.
@Suite struct `Exit codes` {
  @Test func `0 also means: nothing to do, an empty list, a boot that reverted`() throws {
    let store = try CommandStore.onTrial()
    try store.ctl("list", "gripper")
    try store.ctl("activate", "robot_001_v2")
    try store.ctl("unpin", "robot_001_v2")
    try store.ctl("gc")
    for attempt in 1...3 { try store.ctl("boot", with: ["MODELCTL_TEST_BOOT": "boot \(attempt)"]) }
    let reverted = try store.ctl("boot", with: ["MODELCTL_TEST_BOOT": "boot 4"])
    #expect(reverted.out == "\(store.root)/generations/1\n")
    #expect(reverted.err == "warning: the trial was reverted: power\n")
  }

  @Test func `1 is what fits nothing else: a problem that doctor finds, an I/O error`() throws {
    let store = try CommandStore.ready()
    #expect(unlink("\(store.root)/reserve") == 0)
    #expect(unlink("\(store.root)/generations/1/robot_001") == 0)
    let diagnosis = try store.ctl("doctor", code: 1)
    #expect(diagnosis.out.contains("PROBLEM") && diagnosis.err == "")
    let broken = try store.failure(
      "publish", "robot_001", store.source("four"), code: 1, "failed",
      with: ["MODELCTL_FAULT": "fail:9:\(EIO)"])
    #expect(broken.message.contains("Input/output error"))
    #expect(broken.hint.contains("medium"))
    #expect(try store.active() == "robot_001_v1")
  }

  @Test func `3 is not found, or nothing active`() throws {
    let store = try CommandStore.ready()
    try store.failure("show", "gripper_v1", code: 3, "not_found")
    try store.failure("active", "gripper", code: 3, "not_found")
  }

  @Test func `4 is refused: protected, requires, other content, blocked, newer schema, stale generation`()
    throws
  {
    let store = try CommandStore.ready()
    try store.failure("uninstall", "robot_001_v1", code: 4, "refused")
    try store.ctl("publish", "robot_001", store.source("four"), "--requires", "gripper=parallel")
    let unknown = try store.failure("activate", "robot_001_v4", code: 4, "refused")
    #expect(unknown.message.contains("the fact gripper is not known here"))
    try store.failure("publish", "robot_001", store.source("five"), "--version", "2", code: 4, "refused")
    try store.failure("confirm", "--generation", "7", code: 4, "refused")
    try store.sqlite("PRAGMA user_version = 99")
    let newer = try store.failure("list", code: 4, "refused")
    #expect(newer.message.contains("schema 99"))
    #expect(newer.hint.contains("newer modelctl"))
  }

  @Test func `5 is damage`() throws {
    let store = try CommandStore.ready()
    try store.damage("robot_001_v2")
    try store.ctl("verify", code: 5)
    try store.failure("activate", "robot_001_v2", code: 5, "integrity")
    try store.loseIndex(Array("garbage".utf8))
    try store.failure("list", code: 5, "integrity")
  }

  @Test func `6 is no space, and the way back needs none`() throws {
    let store = try CommandStore.onTrial()
    let full = ["MODELCTL_FAULT": "full:1"]
    let publish = try store.failure(
      "publish", "robot_001", store.source("four"), code: 6, "no_space", with: full)
    #expect(publish.message.contains("No space left on device"))
    try store.failure("activate", "robot_001_v3", code: 6, "no_space", with: full)
    let back = try store.ctl("rollback", with: full)
    #expect(back.out.contains("generation 1 is active"))
    #expect(try store.active() == "robot_001_v1")
    try store.ctl("pin", "robot_001_v1")
    try store.expectSound()
  }

  @Test(.enabled(if: Mounted.isPossible, Mounted.reason))
  func `6 is what a disk says that is really full, and the way back works there`() throws {
    let mounted = try Mounted(bytes: 24 << 20)
    let store = mounted.store
    for content in ["one", "two"] { try store.ctl("publish", "robot_001", store.source(content)) }
    try store.ctl("activate", "robot_001_v1")
    try store.ctl("activate", "robot_001_v2")
    try mounted.fill()
    let weights = try store.scratch.write("large/lora_adapters.npz", [UInt8](repeating: 7, count: 1 << 20))
    let refused = try store.failure("publish", "robot_001", weights, code: 6, "no_space")
    #expect(refused.message.contains("1.0 MiB are needed"))
    try store.ctl("rollback", "--reason", "the disk is full")
    #expect(try store.active() == "robot_001_v1")
    try store.ctl("boot")
  }

  @Test(.enabled(if: Program.canBecomeStranger, Program.strangerReason))
  func `8 is permission, and names the owner`() throws {
    let store = try CommandStore.ready()
    let user = try Stranger(store)
    let refused = try user.failure("pin", "robot_001_v1", code: 8, "permission")
    #expect(refused.message.contains("belongs to root"))
    try user.failure("activate", "robot_001_v2", code: 8, "permission")
    try user.run("list")
    try user.run("boot")
    try user.failure("init", "--root", "/var/lib/nobody-may-write-here", code: 8, "permission")
  }

  @Test func `64 is usage`() throws {
    let store = try CommandStore.ready()
    try store.failure("activate", code: 64, "usage")
    try store.failure("health", code: 64, "usage")
    try store.failure("gc", "--keep", "few", code: 64, "usage")
  }

  @Test(arguments: [
    ("switch", ["activate", "robot_001_v2"]), ("switch", ["rollback"]), ("switch", ["confirm"]),
    ("content", ["activate", "robot_001_v2"]), ("content", ["gc"]),
    ("content", ["uninstall", "robot_001_v3"]),
    ("content", ["rollback", "--to", "1"]), ("names", ["publish", "robot_001", "SOURCE"]),
    ("staging", ["publish", "robot_001", "SOURCE"]),
  ]) func `75 is busy`(_ lock: String, _ words: [String]) throws {
    let store = try CommandStore.onTrial()
    let source = try store.source("four")
    let command = words.map { $0 == "SOURCE" ? source : $0 } + ["--wait", "0s"]
    let held = try HeldLock(store, lock)
    if words == ["activate", "robot_001_v2"] { try store.ctl("active") }
    let target = words.first == "activate" ? ["activate", "robot_001_v3", "--wait", "0s"] : command
    let busy = try store.failure(of: target, code: 75, "busy")
    #expect(!busy.message.isEmpty)
    held.release()
    #expect(try store.active() == "robot_001_v2", "what is active stays active")
  }
}
