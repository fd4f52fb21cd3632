import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

@Suite struct `modelctl token` {
  private static var secret: Regex<Substring> { #/mctl_[A-Za-z0-9_-]{43}/# }

  @Test func `a token is shown once, listed without its secret, and revoked`() throws {
    let store = try CommandStore.ready()
    let made = try store.json("token", "create", "fleet", "--scope", "train", "operate", "--expires", "90d")
    Shape.newToken.check(made)
    let secret = try #require(made["token"]?.asString)
    #expect(secret.wholeMatch(of: Self.secret) != nil && made["state"]?.asString == "usable")
    #expect(made["scopes"]?.asArray?.compactMap(\.asString) == ["operate", "train"])
    let table = try TokenTable(store.root)
    #expect(try table.authenticate(secret, at: MachineClock.system.now())?.name.text == "fleet")

    let list = try store.ctl("token", "list", "--json")
    Shape.tokens.check(try document(list.out))
    let text = try store.ctl("token", "list")
    #expect(!list.out.contains("mctl_") && !list.out.contains("sha256") && !text.out.contains("mctl_"))
    #expect(text.out.contains("fleet  operate, train  usable"))

    let revoked = try store.json("token", "revoke", "fleet")
    Shape.token.check(revoked)
    #expect(revoked["state"]?.asString == "revoked" && revoked["revoked_by"] != .null)
    #expect(try table.authenticate(secret, at: MachineClock.system.now()) == nil)
    #expect(try store.json("token", "revoke", "fleet") == revoked)
    #expect(
      try store.ctl("token", "revoke", "fleet").out == "fleet is revoked: nothing is done for it any more\n")
    let audit = try store.ctl("audit").out
    #expect(audit.contains(#/token_create +token:fleet +- → operate train +until /#))
    #expect(audit.matches(of: #/token_revoke +token:fleet/#).count == 1 && !audit.contains("mctl_"))
    try store.expectSound()
  }

  @Test func `people are told that it is shown once, and programs get it alone`() throws {
    let store = try CommandStore.ready()
    let lines = try store.ctl("token", "create", "desk", "--scope", "read").out.split(separator: "\n")
    #expect(lines.first == "token desk: read")
    #expect(lines.count == 3 && lines[1].wholeMatch(of: Self.secret) != nil)
    #expect(lines.last?.contains("only time") == true)
    let alone = try store.ctl("token", "create", "ci", "--scope", "read", "--scope", "train", "-q").out
    #expect(alone.dropLast().wholeMatch(of: Self.secret) != nil)
    #expect(try store.ctl("token", "list", "-q").out == "ci\ndesk\n")
    #expect(try store.ctl("token", "revoke", "ci", "-q").out == "ci\n")
  }

  @Test func `a list has pages`() throws {
    let store = try CommandStore.ready()
    #expect(try store.ctl("token", "list").out == "no tokens\n")
    for name in ["c", "a", "b"] { try store.ctl("token", "create", name, "--scope", "read") }
    let first = try store.json("token", "list", "--limit", "2")
    #expect(first["tokens"]?.asArray?.compactMap { $0["name"]?.asString } == ["a", "b"])
    #expect(first["next"]?.asString == "b")
    let last = try store.json("token", "list", "--limit", "2", "--after", "b")
    #expect(last["tokens"]?.asArray?.compactMap { $0["name"]?.asString } == ["c"] && last["next"] == .null)
  }

  @Test func `what can't be a token is refused`() throws {
    let store = try CommandStore.ready()
    try store.ctl("token", "create", "fleet", "--scope", "read")
    try store.failure("token", "create", "fleet", "--scope", "read", code: 4, "refused")
    try store.failure("token", "create", "Fleet", "--scope", "read", code: 64, "usage")
    try store.failure("token", "create", "new", code: 64, "usage")
    try store.failure("token", "create", "new", "--scope", "write", code: 64, "usage")
    try store.failure("token", "create", "new", "--scope", "read", "--expires", "soon", code: 64, "usage")
    try store.failure("token", "create", "new", "--scope", "read", "--expires", "0s", code: 64, "usage")
    try store.failure("token", "revoke", "other", code: 3, "not_found")
    try store.failure("token", "list", "--after", "/", code: 64, "usage")
    #expect(try store.ctl("token", "list", "-q").out == "fleet\n")
  }

  @Test func `a damaged token is told by list, status and doctor`() throws {
    let store = try CommandStore.ready()
    try store.ctl("token", "create", "fleet", "--scope", "read")
    try Data("{}".utf8).write(to: URL(filePath: "\(store.root)/private/tokens/fleet"))
    let list = try store.ctl("token", "list")
    #expect(
      list.out == "no tokens\n" && list.err.contains("warning: ") && list.err.contains("grants nothing"))
    #expect(try store.ctl("status").out.contains("grants nothing"))
    #expect(try store.ctl("doctor", code: 1).out.contains("PROBLEM  tokens"))
    try store.failure("token", "revoke", "fleet", code: 5, "integrity")
  }

  @Test func `without an index tokens are listed and revoked, and a rebuild records it`() throws {
    let store = try CommandStore.ready()
    let secret = try store.ctl("token", "create", "fleet", "--scope", "admin", "-q").out.dropLast()
    for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
      try FileManager.default.removeItem(atPath: "\(store.root)/\(name)")
    }
    #expect(try store.ctl("token", "list", "-q").out == "fleet\n")
    try store.failure("token", "create", "other", "--scope", "read", code: 5, "integrity")
    let error = try store.failure("token", "revoke", "fleet", code: 5, "integrity")
    #expect(error.message.contains("fleet is revoked"))
    let table = try TokenTable(store.root)
    #expect(try table.authenticate(String(secret), at: MachineClock.system.now()) == nil)
    try store.ctl("rebuild")
    #expect(try store.ctl("audit").out.matches(of: #/token_revoke +token:fleet/#).count == 1)
    try store.expectSound()
  }

  @Test func `a configuration that can't be read stops no revocation`() throws {
    let store = try CommandStore.ready()
    try store.ctl("token", "create", "fleet", "--scope", "read")
    let broken = try store.scratch.write("config.yaml", "no: [such")
    try store.failure("token", "create", "other", "--scope", "read", "--config", broken, code: 64, "usage")
    #expect(try store.ctl("token", "revoke", "fleet", "-q", "--config", broken).out == "fleet\n")
  }

  @Test(.enabled(if: Program.canBecomeStranger, Program.strangerReason))
  func `another user gets nothing of it`() throws {
    let store = try CommandStore.ready()
    try store.ctl("token", "create", "fleet", "--scope", "read")
    let program = try #require(Program.pathForOthers)
    try #require(chmod(store.scratch.path, 0o755) == 0)
    for words in [["list"], ["revoke", "fleet"], ["create", "mine", "--scope", "admin"]] {
      let outcome = try Program.run(
        Program.become(Program.stranger) + [program, "token"] + words, environment: store.environment)
      #expect(outcome.code == 8 && outcome.out == "", "\(words): \(outcome.out)\(outcome.err)")
    }
    let status = try Program.run(
      Program.become(Program.stranger) + [program, "status"], environment: store.environment)
    #expect(status.out.contains("problems  none"), "\(status.out)\(status.err)")
  }
}
