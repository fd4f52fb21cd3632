import Foundation
import ModelRegistry
import TestSupport
import Testing

/// docs/load-the-active-adapter.md, run as it is written.
@Suite struct `The page on loading the active adapter` {
  @Test func `its Python prints the files of the active set`() throws {
    let store = try CommandStore.onTrial()
    let outcome = try Program.run(
      ["python3", "-c", try Self.block("python")], environment: store.environment)
    #expect(outcome.err == "")
    #expect(outcome.out == "model_config.json 10\nlora_adapters.npz 14\n")
    #expect(try Self.block("python").split(separator: "\n").count <= 10, "ten lines of Python")
  }

  @Test func `its Python holds off gc while it reads`() throws {
    let store = try CommandStore.ready()
    let script =
      try Self.block("python") + "\nopen(os.environ['READY'], 'w').close(); open(os.environ['GO']).read()\n"
    let go = store.scratch("go")
    #expect(mkfifo(go, 0o600) == 0)
    var variables = store.environment
    variables["READY"] = store.scratch("ready")
    variables["GO"] = go
    let reader = try Child(
      ["python3", "-c", script], environment: Program.environment.merging(variables) { $1 })
    try poll("the reader has its lease") { FileManager.default.fileExists(atPath: store.scratch("ready")) }
    // Nothing but the lease protects generation 1 when two others are confirmed after it.
    for version in ["robot_001_v2", "robot_001_v3"] { try store.ctl("activate", version, "--confirmed") }
    try store.ctl("publish", "robot_001", store.source("four"))
    try store.ctl("activate", "robot_001_v4", "--confirmed")
    let kept = try store.json("gc", "--keep", "0")
    #expect(kept["kept"]?["robot_001_v1"]?.asString?.contains("leased") == true, "\(kept.canonicalText)")
    #expect(store.exists("versions/robot_001_v1/lora_adapters.npz"))
    try Data("go".utf8).write(to: URL(filePath: go))
    #expect(try reader.wait().code == 0)
    let free = try store.json("gc", "--keep", "0")
    #expect(free["versions"]?.asArray == ["robot_001_v1"])
    try store.expectSound()
  }

  @Test func `its Python says when nothing was ever activated`() throws {
    let store = try CommandStore()
    try store.ctl("init")
    let outcome = try Program.run(
      ["python3", "-c", try Self.block("python")], environment: store.environment)
    #expect(outcome.code == 1 && outcome.err.contains("FileNotFoundError"))
  }

  @Test func `its shell lines find the files`() throws {
    let store = try CommandStore.onTrial()
    let folder = (Program.path as NSString).deletingLastPathComponent
    let runtime = try store.scratch.write("bin/my-runtime", "#!/bin/sh\nshift; ls \"$1\"; echo \"$1\"\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: runtime)
    var environment = store.environment
    environment["PATH"] = "\(folder):\(store.scratch("bin")):/usr/bin:/bin"
    let lines = try Self.blocks("sh")
    #expect(lines.count == 2)
    for line in lines {
      let outcome = try Program.run(["sh", "-euc", line], environment: environment)
      #expect(outcome.out.hasSuffix("\(store.root)/generations/2/robot_001\n"), "\(line): \(outcome.err)")
    }
    #expect(try store.json("status")["attempts_left"]?.asInt == 2, "boot counts, active doesn't")
  }

  @Test func `its Swift leases the set and finds the folder`() throws {
    let fixture = try StoreFixture.ready()
    let page = try Self.block("swift").split(separator: "\n").filter { !$0.hasPrefix("import") && $0 != "" }
    // These are the page's lines, but for the store's path; the compiler holds them against the library.
    #expect(
      page == [
        "let lease = try Lease.take(\"/var/lib/modelctl\")", "let folder = try lease.path(of: \"robot_001\")",
      ])
    let lease = try Lease.take(fixture.root)
    let folder = try lease.path(of: "robot_001")
    #expect(folder == "\(fixture.root)/generations/1/robot_001")
    #expect(try String(contentsOfFile: "\(folder)/lora_adapters.npz", encoding: .utf8) == "weights of one")
    lease.release()
  }

  private static func block(_ language: String) throws -> String {
    try #require(try blocks(language).first)
  }

  private static func blocks(_ language: String) throws -> [String] {
    try Page("load-the-active-adapter.md").blocks(language)
  }
}
