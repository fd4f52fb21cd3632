import ModelRegistry
import Testing

/// Flushes of whole commands, as docs/format.md counts them. On an SD card each one costs milliseconds.
@Suite(.enabled(if: Trace.isPossible, Trace.reason)) struct `Flushes` {
  @Test func `each command of the switch waits for the medium as seldom as the format says`() throws {
    let store = try CommandStore.ready()
    // Once per boot an opening checks the index and arms what is missing; the counts are of the openings after it.
    try store.ctl("doctor")
    func count(_ name: String, atMost limit: Int, _ arguments: String...) throws {
      let counted = try Trace.flushes(store, arguments)
      print("flushes: \(name) \(counted), at most \(limit)")
      #expect(counted <= limit, "\(name)")
    }
    try count("boot, settled and confirmed", atMost: 0, "boot")
    try count("activate, on trial", atMost: 6, "activate", "robot_001_v2")
    try count("boot, on trial", atMost: 1, "boot")
    try count("active", atMost: 0, "active")
    try count("confirm", atMost: 3, "confirm")
    try count("confirm again", atMost: 2, "confirm")
    try count("activate, confirmed at once", atMost: 6, "activate", "robot_001_v3", "--confirmed")
    try count("rollback", atMost: 3, "rollback")
    try store.ctl("activate", "robot_001_v3")
    try count("rollback from a trial", atMost: 3, "rollback")
    try store.ctl("publish", "robot_001", store.source("four"))
    try store.ctl("activate", "robot_001_v4")
    try count("health --fault, reverting", atMost: 3, "health", "--fault", "late")
    try count("health --ok", atMost: 0, "health", "--ok")
    try count("activate, known as good", atMost: 6, "activate", "robot_001_v3")
    try count("boot, settled again", atMost: 0, "boot")
    try count("active --path", atMost: 0, "active", "--path")
    try store.expectSound()
  }

  @Test func `boots that revert a trial wait no longer than a rollback`() throws {
    let store = try CommandStore.onTrial()
    for _ in 1...3 { try store.ctl("boot") }
    let counted = try Trace.flushes(store, ["boot"])
    print("flushes: boot, reverting \(counted)")
    #expect(counted <= 3, "the block mark of a crash, the link, the record")
    #expect(try store.active() == "robot_001_v1")
  }
}
