import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

@Suite struct `Options that every command takes` {
  static let commands: [[String]] = [
    ["init"], ["publish", "robot_001", "SOURCE"], ["list"], ["show", "robot_001_v1"],
    ["files", "robot_001_v1"],
    ["install", "robot_001_v1"], ["uninstall", "robot_001_v3"], ["activate", "robot_001_v2"],
    ["deactivate", "robot_001"], ["confirm"], ["boot"], ["health", "--ok"], ["rollback"], ["active"],
    ["history"],
    ["pin", "robot_001_v1"], ["unpin", "robot_001_v1"], ["audit"], ["audit", "verify"], ["audit", "export"],
    ["verify"], ["scrub"], ["gc"], ["status"], ["doctor"], ["version"],
  ]

  @Test(arguments: commands) func `work before and after its name`(_ command: [String]) throws {
    let store = try CommandStore.ready()
    let source = try store.source("four")
    let words = command.map { $0 == "SOURCE" ? source : $0 }
    let options = [
      "--root", store.root, "--json", "-q", "--wait", "5s", "--config",
      try store.scratch.write("c.yaml", "# no\n"),
    ]
    let elsewhere = ["MODELCTL_ROOT": "/nowhere"]
    for arguments in [options + words, words + options] {
      // What the first run took away, or where a rollback goes to.
      if command == ["rollback"] { try store.ctl("activate", "robot_001_v2", "--confirmed") }
      if command.first == "deactivate" { try store.ctl("activate", "robot_001_v1") }
      let outcome = try store.run(arguments, with: elsewhere)
      #expect(outcome.err == "")
      let documents = outcome.out.split(separator: "\n")
      if command.first != "audit" || command == ["audit", "verify"] { #expect(documents.count == 1) }
      for line in documents { _ = try document("\(line)\n") }
    }
  }

  @Test(arguments: commands) func `without a store there is an error, and nothing on stdout`(
    _ command: [String]
  ) throws {
    let store = try CommandStore()
    if [["init"], ["version"]].contains(command) || command.first == "publish" { return }
    let missing = try store.failure(of: command, code: 3, "not_found")
    #expect(missing.message.contains(store.root))
    #expect(access(store.root, F_OK) != 0, "looking makes no store")
  }

  @Test func `a word after -- is no option`() throws {
    let store = try CommandStore.ready()
    let outcome = try store.ctl("--json", "show", "--", "--root", code: 64)
    #expect(outcome.err.contains(#"\"--root\" is not a version"#))
  }

  @Test func `--verbose names the store and the flushes on stderr`() throws {
    let store = try CommandStore.ready()
    let outcome = try store.ctl("-v", "active", "--json")
    #expect(outcome.err == "note: store \(store.root), flushes 0\n")
  }

  @Test func `every option is explained`() throws {
    let store = try CommandStore()
    for command in Self.commands {
      let help = try store.run(
        command.filter { !$0.hasPrefix("--") && !$0.contains("_") && $0 != "SOURCE" } + ["--help"])
      #expect(help.out.contains("--root <root>") || command == ["audit"], "\(command)")
      #expect(help.err == "")
    }
    #expect(try store.ctl("help", "activate").out.hasPrefix("OVERVIEW: "))
    #expect(try store.ctl("help").out.contains("SUBCOMMANDS:"))
    let unknown = try store.failure("frobnicate", code: 64, "usage")
    #expect(unknown.hint.contains("modelctl help"))
    try store.failure("list", "--frob", code: 64, "usage")
    try store.failure("list", "--wait", "3", code: 64, "usage")
  }
}
