import Foundation
import Glibc
import RegistryModel
import TestSupport
import Testing

/// What the robot's runtime does: another user than the store's owner, by the control socket.
@Suite(.enabled(if: Program.canBecomeStranger, Program.strangerReason))
struct ControlSocketTests {
  /// A user of the socket's group, which is root's here.
  private func run(_ served: ServedStore, _ words: [String], groups: String = "0") throws -> Outcome {
    return try Program.run(
      stranger(groups) + [
        try #require(Program.pathForOthers), "--root", served.store.root, "--config", served.configuration,
      ] + words)
  }

  private func stranger(_ groups: String) -> [String] {
    let uid = Program.stranger
    return ["setpriv", "--reuid=\(uid)", "--regid=\(uid)", "--groups=\(groups)", "--"]
  }

  private func ready() throws -> ServedStore {
    let store = try CommandStore.ready()
    try #require(chmod(store.scratch.path, 0o755) == 0)
    return try ServedStore(store)
  }

  @Test func `the runtime's user boots, confirms, reports and goes back, and nothing else`() throws {
    let served = try ready()
    try served.store.ctl("activate", "robot_001_v2", "--reason", "try")
    let boot = try run(served, ["boot", "--json"])
    #expect(boot.code == 0, "\(boot.err)")
    let document = try JSONValue(parsing: Array(boot.out.utf8))
    #expect(document["state"]?.asString == "trial" && document["attempts_left"]?.asInt == 2)
    #expect(try run(served, ["boot"]).out == "\(served.store.root)/generations/2\n")
    #expect(try run(served, ["health", "--ok"]).code == 0)
    #expect(try run(served, ["confirm", "--generation", "1"]).code == 4)
    #expect(try run(served, ["confirm"]).out.contains("confirmed"))
    #expect(try run(served, ["rollback", "--if-generation", "1"]).code == 4)
    let back = try run(served, ["rollback", "--if-generation", "2", "--reason", "it shakes"])
    #expect(back.code == 0 && back.out.hasPrefix("rolled back: generation 1 is active: "), "\(back.err)")
    #expect(try run(served, ["activate", "robot_001_v2"]).code == 8)
    let audit = try served.store.ctl("audit").out
    #expect(audit.contains("it shakes") && audit.contains("uid \(Program.stranger)"))
    for (path, body) in [
      ("/api/activate", #"{"references":["robot_001_v2"]}"#), ("/api/gc", "{}"),
      ("/api/tokens", #"{"name":"mine","scopes":["admin"]}"#),
    ] {
      let asked = try Program.run(
        stranger("0") + [
          "curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--unix-socket",
          served.socket, "--header", "Content-Type: application/json", "--data", body,
          "http://localhost\(path)",
        ])
      #expect(asked.out == "403", "\(path)")
    }
  }

  @Test func `who isn't of its group doesn't get in, and reads what is active all the same`() throws {
    let served = try ready()
    let refused = try run(served, ["confirm"], groups: "54321")
    #expect(refused.code == 8 && refused.err.contains("control socket"), "\(refused.err)")
    #expect(try run(served, ["active", "--path"], groups: "54321").code == 0)
  }

  @Test func `without a service boot says what is active, and the others that nobody answers`() throws {
    let served = try ready()
    // Killed, so that its socket is left.
    _ = try served.stop(SIGKILL)
    #expect(try run(served, ["boot"]).out == "\(served.store.root)/generations/1\n")
    let confirm = try run(served, ["confirm"])
    #expect(confirm.code == 75 && confirm.err.contains("nobody answers"), "\(confirm.err)")
  }
}
