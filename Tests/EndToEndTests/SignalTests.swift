import Glibc
import ModelRegistry
import TestSupport
import Testing

@Suite struct `Signals` {
  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func `end a publish, and the next opening clears away what it left`(_ signal: Int32, _ code: Int32) throws {
    let store = try CommandStore.ready()
    let held = try HeldLock(store, "names")
    let child = try store.start(["publish", "robot_001", store.source("four"), "--wait", "60s"])
    // Its blobs have their names, and it waits for the lock.
    try poll("the publish has its folder in staging") { try store.entries("staging").count == 1 }
    child.signal(signal)
    let outcome = try child.wait()
    #expect(outcome.code == code)
    #expect(outcome.signal == signal, "it dies of the signal, as a shell expects")
    #expect(outcome.out == "")
    held.release()
    try store.expectSound()
    #expect(try store.entries("staging") == [])
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func `end an activation before its switch, and what ran runs on`(_ signal: Int32, _ code: Int32) throws {
    let store = try CommandStore.ready()
    let held = try HeldLock(store, "switch")
    let child = try store.start(["activate", "robot_001_v2", "--wait", "60s"])
    try poll("the new generation stands") { store.exists("generations/2/generation.json") }
    child.signal(signal)
    let outcome = try child.wait()
    #expect(outcome.code == code)
    #expect(outcome.signal == signal)
    held.release()
    #expect(try store.active() == "robot_001_v1")
    #expect(try store.json("activate", "robot_001_v2")["state"]?.asString == "trial")
    try store.expectSound()
  }

  @Test func `end an activation while its gate runs`() throws {
    let store = try CommandStore.ready()
    let started = store.scratch("started")
    let config = try store.scratch.write(
      "config.yaml", "gate: {command: [sh, -c, 'touch \(started); exec sleep 1000'], timeout: 1h}\n")
    let child = try store.start(["activate", "robot_001_v2", "--config", config])
    try poll("the gate runs") { access(started, F_OK) == 0 }
    // The way back is not delayed by a gate that hangs.
    try store.ctl("publish", "robot_001", store.source("four"))
    try store.failure("rollback", code: 4, "refused")
    child.signal(SIGTERM)
    #expect(try child.wait().code == 143)
    #expect(try store.active() == "robot_001_v1")
    try store.expectSound()
  }
}
