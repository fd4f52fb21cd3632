import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

/// The command that a runtime's unit runs: it must work for anybody, anywhere, whatever else is broken.
@Suite struct `modelctl active --path` {
  @Test func `prints one line and nothing else`() throws {
    let store = try CommandStore.onTrial()
    let all = try store.ctl("active", "--path")
    #expect(all.out == "\(store.root)/generations/2\n" && all.err == "")
    let one = try store.ctl("active", "robot_001", "--path")
    #expect(one.out == "\(store.root)/generations/2/robot_001\n")
    #expect(access("\(store.root)/generations/2/robot_001/lora_adapters.npz", R_OK) == 0)
    try store.failure("active", "gripper", "--path", code: 3, "not_found")
    Shape.active.check(try store.json("active", "--path"))
  }

  @Test func `needs no index, no locks and no other folder`() throws {
    let store = try CommandStore.ready()
    try store.loseIndex()
    for folder in ["locks", "staging", "blobs", "marks", "manifests", "quarantine", "private"] {
      try FileManager.default.removeItem(atPath: "\(store.root)/\(folder)")
    }
    #expect(try store.ctl("active", "--path").out == "\(store.root)/generations/1\n")
    #expect(try store.ctl("active").out.hasPrefix("generation 1, confirmed, since "))
  }

  @Test func `a dangling link is damage, and the hint is the way out`() throws {
    let store = try CommandStore.onTrial()
    try FileManager.default.removeItem(atPath: "\(store.root)/generations/2")
    let dangling = try store.failure("active", "--path", code: 5, "integrity")
    #expect(dangling.hint.contains("modelctl rollback"))
    try store.ctl("rollback")
    #expect(try store.ctl("active", "--path").out == "\(store.root)/generations/1\n")
  }

  @Test(.enabled(if: Program.canBecomeStranger, Program.strangerReason))
  func `works for another user, and so does what else only reads`() throws {
    let store = try CommandStore.onTrial()
    let user = try Stranger(store)
    #expect(try user.run("active", "--path").out == "\(store.root)/generations/2\n")
    for command in ["list", "history", "status", "audit"] { try user.run(command) }
    let boot = try user.run("boot")
    #expect(boot.out == "\(store.root)/generations/1\n", "an attempt that can't be recorded isn't made")
    #expect(boot.err.hasPrefix("warning: generation 2 is on trial"))
  }

  @Test(.enabled(if: Mounted.isPossible, Mounted.reason))
  func `works on a read-only mount, and boot prints the fallback of a trial`() throws {
    let mounted = try Mounted(bytes: 64 << 20)
    let store = mounted.store
    for content in ["one", "two"] { try store.ctl("publish", "robot_001", store.source(content)) }
    try store.ctl("activate", "robot_001_v1")
    try store.ctl("activate", "robot_001_v2")
    try mounted.freeze()
    #expect(try store.ctl("active", "--path").out == "\(store.root)/generations/2\n")
    let boot = try store.ctl("boot")
    #expect(boot.out == "\(store.root)/generations/1\n")
    #expect(boot.err.hasPrefix("warning: generation 2 is on trial"))
    try store.failure("pin", "robot_001_v1", code: 8, "permission")
  }

  @Test(.enabled(if: Trace.isPossible, Trace.reason))
  func `opens nothing of the store for writing, no index and no lock`() throws {
    let store = try CommandStore.onTrial()
    for arguments in [["active", "--path"], ["active"], ["active", "robot_001", "--path"]] {
      let calls = try Trace.calls("file,desc", store, arguments).filter { $0.contains(store.root) }
      #expect(calls.contains { $0.contains("openat") || $0.contains("openat2") }, "the trace shows nothing")
      for call in calls {
        #expect(
          !["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "W_OK"].contains { call.contains($0) }, "\(call)")
        #expect(!call.contains("registry.db") && !call.contains("/locks"), "\(call)")
      }
      let changes = [
        "rename", "unlink", "mkdir", "link(", "linkat", "chmod", "fsync", "flock", "F_OFD_SETLK", "F_SETLK",
      ]
      for call in try Trace.calls("file,desc", store, arguments) {
        guard let change = changes.first(where: { call.contains(" \($0)") || call.contains(", \($0)") })
        else { continue }
        #expect(call.contains(" readlink"), "\(change): \(call)")
      }
    }
  }
}
