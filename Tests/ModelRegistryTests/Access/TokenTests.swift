import DurableFiles
import Foundation
import Glibc
@testable import ModelRegistry
import TestSupport
import Testing

/// Tokens made, listed and taken back.
@Suite struct TokenTests {
  private func records(_ registry: Registry) throws -> [AuditRecord] {
    try registry.audit().items.map(\.record).filter { $0.subject.hasPrefix("token:") }
  }

  @Test func `a token is made once, and only its digest is kept`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    let token = try registry.createToken("fleet", scopes: [.train, .operate])
    #expect(token.secret.wholeMatch(of: /mctl_[A-Za-z0-9_-]{43}/) != nil)
    #expect(token.record.hash == (try Digest.sha256(of: Array(token.secret.utf8))))
    #expect(try registry.tokens() == [token.record])
    #expect(try fixture.bytes("private/tokens/fleet") == token.record.canonicalBytes)
    #expect(try fixture.names(in: "private/tokens") == ["fleet"])
    let record = try #require(try records(registry).first)
    #expect(record.kind == .tokenCreate && record.subject == "token:fleet" && record.by == "tester")
    #expect(record.to == "operate train" && record.reason == nil)
    #expect(!"\(token)".contains(token.secret) && !String(reflecting: token).contains(token.secret))
    try fixture.expectSound()
  }

  @Test func `the secret is nowhere in the store, and neither it nor its digest in a backup`() throws {
    let fixture = try StoreFixture()
    let token = try fixture.open().createToken("fleet", scopes: [.read])
    let found = Process()
    found.executableURL = URL(filePath: "/usr/bin/grep")
    found.arguments = ["-rqF", String(token.secret.dropFirst(5)), fixture.root]
    try found.run()
    found.waitUntilExit()
    #expect(found.terminationStatus == 1)
    try fixture.open().backup(to: fixture.scratch("index.backup"))
    let backup = try Data(contentsOf: URL(filePath: fixture.scratch("index.backup")))
    #expect(backup.range(of: Data(token.record.hash.hex.utf8)) == nil)
    #expect(backup.range(of: Data(token.record.hash.bytes)) == nil)
    #expect(backup.range(of: Data(token.secret.utf8)) == nil)
  }

  @Test(arguments: [mode_t(0), 0o022, 0o077])
  func `files are closed to others, whatever the umask`(mask: mode_t) async throws {
    await #expect(processExitsWith: .success) { [mask] in
      umask(mask)
      let fixture = try StoreFixture()
      let registry = try fixture.open()
      _ = try registry.createToken("fleet", scopes: [.read])
      _ = try registry.createToken("other", scopes: [.read])
      try registry.revokeToken("other")
      for name in ["private/tokens/fleet", "private/tokens/other"] {
        let attributes = try FileManager.default.attributesOfItem(atPath: fixture.path(name))
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(name)")
      }
      let folder = try FileManager.default.attributesOfItem(atPath: fixture.path("private/tokens"))
      #expect((folder[.posixPermissions] as? NSNumber)?.intValue == 0o700)
    }
  }

  @Test func `two tokens have nothing in common`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    let secrets = try (0..<20).map {
      try registry.createToken(TokenName(parsing: "t\($0)"), scopes: [.read]).secret
    }
    for place in 5..<47 {
      let characters = Set(secrets.map { Array($0.utf8)[place] })
      #expect(characters.count > 1, "character \(place) is the same in all of them")
    }
  }

  @Test func `a name never comes again`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    _ = try registry.createToken("fleet", scopes: [.read])
    let before = try registry.audit().items.count
    #expect(code { try registry.createToken("fleet", scopes: [.admin]) } == .refused)
    try registry.revokeToken("fleet")
    #expect(code { try registry.createToken("fleet", scopes: [.admin]) } == .refused)
    #expect(try registry.tokens().map(\.scopes) == [[.read]])
    #expect(try registry.audit().items.count == before + 1, "a refusal leaves no record of a token")
    try fixture.scratch.write("root/private/tokens/torn", "")
    #expect(code { try registry.createToken("torn", scopes: [.read]) } == .refused)
  }

  @Test func `a token without a scope, or at its end already, is none`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    let now = fixture.time.clock.now()
    #expect(code { try registry.createToken("fleet", scopes: []) } == .usage)
    #expect(code { try registry.createToken("fleet", scopes: [.read], expiresAt: now) } == .usage)
    #expect(try registry.tokens() == [] && !fixture.exists("private/tokens"))
    let end = Timestamp(milliseconds: now.milliseconds + 1)
    #expect(try registry.createToken("fleet", scopes: [.read], expiresAt: end).record.expiresAt == end)
    #expect(try records(registry).map(\.reason) == ["until \(end)"])
  }

  @Test func `revoking is recorded once, and twice is fine`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    _ = try registry.createToken("fleet", scopes: [.read])
    var options = fixture.options()
    options.caller = "token:boss"
    let first = try Registry.open(fixture.root, options).revokeToken("fleet")
    #expect(first.revoked?.by == "token:boss" && first.revoked?.at == fixture.time.clock.now())
    fixture.time.advance(seconds: 5)
    #expect(try registry.revokeToken("fleet") == first)
    #expect(try registry.tokens() == [first])
    #expect(try records(registry).map(\.kind) == [.tokenCreate, .tokenRevoke])
    #expect(try records(registry).map(\.by) == ["tester", "token:boss"])
    #expect(try fixture.names(in: "private/tokens") == ["fleet"])
    #expect(code { try registry.revokeToken("other") } == .notFound)
    try fixture.expectSound()
  }

  @Test func `without an index a token is revoked all the same, and recorded when there is one again`() throws
  {
    let fixture = try StoreFixture()
    let token = try fixture.open().createToken("fleet", scopes: [.read])
    let names = ["registry.db", "registry.db-wal", "registry.db-shm"].filter(fixture.exists)
    for name in names {
      try FileManager.default.moveItem(atPath: fixture.path(name), toPath: fixture.scratch(name))
    }
    let error = try failure { try fixture.open(acceptsLostIndex: true).revokeToken("fleet") }
    #expect(error.code == .integrity && error.unchanged.contains("fleet is revoked"), "\(error)")
    #expect(try fixture.open(acceptsLostIndex: true).tokens().first?.revoked?.by == "tester")
    let table = try TokenTable(fixture.root)
    #expect(try table.authenticate(token.secret, at: fixture.time.clock.now()) == nil)
    for name in names {
      try FileManager.default.moveItem(atPath: fixture.scratch(name), toPath: fixture.path(name))
    }
    #expect(try records(fixture.open()).map(\.kind) == [.tokenCreate, .tokenRevoke])
    try fixture.expectSound()
  }

  @Test func `what is wrong with files is told, and no token of theirs is listed`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    for name in ["good", "wide", "torn", "gone"] {
      _ = try registry.createToken(TokenName(parsing: name), scopes: [.read])
    }
    #expect(try registry.status().problems == [])
    let finding = try registry.doctor().first { $0.subject == "tokens" }
    #expect(finding?.isProblem == false && finding?.text == "4 were made, 4 usable")
    try #require(chmod(fixture.path("private/tokens/wide"), 0o640) == 0)
    try breaking(fixture.path("private/tokens/torn"), .truncated)
    try #require(chmod(fixture.path("private/tokens/torn"), 0o600) == 0)
    try #require(unlink(fixture.path("private/tokens/gone")) == 0)
    try #require(symlink("good", fixture.path("private/tokens/gone")) == 0)
    #expect(try registry.tokens().map(\.name) == ["good"])
    let problems = registry.tokenProblems()
    #expect(problems.count == 3 && problems.allSatisfy { $0.contains("grants nothing") }, "\(problems)")
    #expect(problems.contains { $0.contains("wide") && $0.contains("0600") })
    #expect(try registry.status().problems == problems)
    #expect(try registry.doctor().first { $0.subject == "tokens" }?.isProblem == true)
    #expect(code { try registry.revokeToken("torn") } == .integrity)
  }

  @Test func `a folder that can't be read closes the store to tokens, and to nothing else`() throws {
    let fixture = try StoreFixture.copied()
    try #require(mkdir(fixture.path("private"), 0o700) == 0 || errno == EEXIST)
    try fixture.scratch.write("root/private/tokens", "no folder")
    let registry = try fixture.open()
    #expect(code { try registry.tokens() } == .failed)
    #expect(code { try registry.createToken("fleet", scopes: [.read]) } == .failed)
    #expect(registry.tokenProblems().count == 1)
    try registry.activate("robot_001_v2")
  }
}
