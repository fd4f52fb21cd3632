import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

@Suite struct `Where the store is` {
  @Test
  func `--root comes before MODELCTL_ROOT, that before the configuration, that before the user's folder`()
    throws
  {
    let store = try CommandStore()
    let data = store.scratch("data")
    let config = try store.scratch.write("config.yaml", "root: \(store.scratch("configured"))\n")
    func root(_ arguments: [String], _ variables: [String: String]) throws -> String? {
      let all = ["MODELCTL_ROOT": "", "XDG_DATA_HOME": data].merging(variables) { $1 }.filter { $1 != "" }
      let outcome = try Program.run([Program.path, "init", "-q"] + arguments, environment: all)
      #expect(outcome.code == 0, "\(outcome.err)")
      return outcome.out.split(separator: "\n").first.map(String.init)
    }
    let variable = ["MODELCTL_ROOT": store.root]
    let stated = store.scratch("stated")
    #expect(try root(["--root", stated, "--config", config], variable) == stated)
    #expect(try root(["--config", config], variable) == store.root)
    #expect(try root(["--config", config], [:]) == store.scratch("configured"))
    #expect(try root([], ["MODELCTL_CONFIG": config]) == store.scratch("configured"))
    guard access("/var/lib/modelctl", F_OK) != 0 else { return }
    #expect(try root([], [:]) == "\(data)/modelctl")
    #expect(try root([], ["XDG_DATA_HOME": "", "HOME": data]) == "\(data)/.local/share/modelctl")
  }

  @Test func `a relative root is one beneath the current folder`() throws {
    let store = try CommandStore.ready()
    let words = ["env", "-C", store.scratch.path, Program.path, "--root", "root", "active", "--path"]
    let outcome = try Program.run(words)
    #expect(outcome.out == "\(store.root)/generations/1\n")
  }

  @Test func `"not found" names the store that was looked in, and another one that exists`() throws {
    let store = try CommandStore()
    let data = store.scratch("data")
    try store.ctl("init", "--root", "\(data)/modelctl")
    for command in [["list"], ["active"], ["boot"], ["rollback"], ["show", "robot_001_v1"], ["gc"]] {
      let missing = try store.failure(of: command, code: 3, "not_found", with: ["XDG_DATA_HOME": data])
      #expect(missing.message.contains("there is no store at \(store.root)"))
      #expect(missing.hint.hasSuffix("there is a store at \(data)/modelctl"))
    }
    try store.ctl("init")
    let unknown = try store.failure(
      "show", "robot_001_v1", code: 3, "not_found", with: ["XDG_DATA_HOME": data])
    #expect(unknown.message.contains(store.root))
    #expect(unknown.hint.hasSuffix("there is a store at \(data)/modelctl"))
    let nothing = try store.failure("active", code: 3, "not_found", with: ["XDG_DATA_HOME": data])
    #expect(nothing.hint.hasSuffix("there is a store at \(data)/modelctl"))
  }

  @Test func `a folder that is no store is told apart`() throws {
    let store = try CommandStore()
    try FileManager.default.createDirectory(atPath: store.root, withIntermediateDirectories: true)
    let missing = try store.failure("list", code: 3, "not_found")
    #expect(missing.message.contains("\(store.root) is no model registry"))
  }

  @Test(.enabled(if: geteuid() == 0, "SKIPPED, NOT TESTED: needs root"))
  func `started as root the program becomes the store's owner`() throws {
    let store = try CommandStore.ready()
    let uid = Program.stranger
    #expect(try Program.run(["chown", "-R", "\(uid):\(uid)", store.root]).code == 0)
    let source = try store.source("four")
    try store.ctl("publish", "robot_001", source)
    try store.ctl("activate", "robot_001_v4")
    try store.ctl("confirm")
    try store.ctl("pin", "robot_001_v2")
    try store.ctl("rollback")
    try store.ctl("gc", "--keep", "1")
    try store.expectSound()
    let foreign = try Program.run(["find", store.root, "!", "-uid", "\(uid)"])
    #expect(foreign.out == "", "files of another owner")
    #expect(try store.ctl("doctor").out.contains("owner       uid \(uid)\n"))
    // A file that only root may read can't be published by that user.
    #expect(chmod("\(source)/lora_adapters.npz", 0o600) == 0)
    try store.failure("publish", "robot_001", source, code: 8, "permission")
  }
}
