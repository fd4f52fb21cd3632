import Dispatch
import Foundation
import Glibc
@testable import ModelRegistry
import Synchronization
import TestSupport
import Testing

/// Who sends this token? As the service asks.
@Suite struct TokenTableTests {
  private struct Bench {
    let fixture: StoreFixture
    let registry: Registry
    let table: TokenTable

    init() throws {
      fixture = try StoreFixture()
      registry = try fixture.open()
      table = try TokenTable(fixture.root)
    }

    var now: Timestamp { fixture.time.clock.now() }

    func authenticate(_ secret: String) throws -> TokenName? {
      try table.authenticate(secret, at: now)?.name
    }

    /// Gives the folder a time that its next change is sure to differ from.
    func age() throws {
      let old = timespec(tv_sec: 1_000_000_000, tv_nsec: 0)
      try #require(utimensat(AT_FDCWD, fixture.path("private/tokens"), [old, old], 0) == 0)
    }

    func file(_ name: String) -> String { fixture.path("private/tokens/\(name)") }
  }

  /// A table for whose clock the folder's last change is this long ago.
  private static func table(_ bench: Bench, hoursAhead: Int64) throws -> TokenTable {
    try TokenTable(bench.fixture.root) {
      var now = timespec()
      clock_gettime(CLOCK_REALTIME, &now)
      return (Int64(now.tv_sec) + hoursAhead * 3600) * 1_000_000_000
    }
  }

  @Test func `without a token nobody is let in`() throws {
    let bench = try Bench()
    #expect(try bench.table.isEmpty() && bench.table.isUnused())
    #expect(try bench.authenticate("mctl_" + String(repeating: "A", count: 43)) == nil)
    #expect(code { try TokenTable(bench.fixture.scratch("nowhere")) } == .notFound)
  }

  @Test func `each secret is known by its own token, from the moment it is made`() throws {
    let bench = try Bench()
    #expect(try bench.table.isUnused())
    var secrets: [TokenName: String] = [:]
    for number in 0..<8 {
      let name = try TokenName(parsing: "t\(number)")
      secrets[name] = try bench.registry.createToken(name, scopes: [.operate]).secret
      #expect(try bench.authenticate(secrets[name] ?? "") == name)
      try bench.age()
      #expect(try bench.authenticate(secrets[name] ?? "") == name)
    }
    for (name, secret) in secrets { #expect(try bench.authenticate(secret) == name) }
    #expect(try !bench.table.isEmpty(at: bench.now) && !bench.table.isUnused())
    let known = try #require(secrets["t3"])
    for other in [
      "", "Bearer \(known)", String(known.dropFirst(5)), known + " ", String(known.dropLast()) + "-",
      known.lowercased(), try bench.registry.tokens()[3].hash.description,
    ] where other != known {
      #expect(try bench.authenticate(other) == nil, "\(other)")
    }
  }

  @Test func `a revocation counts for the next request, also right after the last change`() throws {
    let bench = try Bench()
    for round in 0..<50 {
      let name = try TokenName(parsing: "t\(round)")
      let token = try bench.registry.createToken(name, scopes: [.read])
      #expect(try bench.authenticate(token.secret) == name)
      try bench.registry.revokeToken(name)
      #expect(try bench.authenticate(token.secret) == nil, "round \(round)")
    }
    #expect(try bench.table.isEmpty(at: bench.now) && !bench.table.isUnused())
  }

  @Test func `a revocation by another process is seen by a table that relies on its memory`() throws {
    let bench = try Bench()
    let token = try bench.registry.createToken("fleet", scopes: [.read])
    let table = try Self.table(bench, hoursAhead: 1)
    try bench.age()
    #expect(try table.authenticate(token.secret, at: bench.now)?.name == "fleet")
    try bench.fixture.open().revokeToken("fleet")
    #expect(try table.authenticate(token.secret, at: bench.now) == nil)
  }

  @Test func `files are read again only where the folder has changed, or could have`() throws {
    let bench = try Bench()
    let token = try bench.registry.createToken("fleet", scopes: [.read])
    try bench.age()
    let (later, young) = (try Self.table(bench, hoursAhead: 1), try Self.table(bench, hoursAhead: 0))
    for table in [later, young] {
      #expect(try table.authenticate(token.secret, at: bench.now)?.name == "fleet")
    }
    // In place, as nothing of ours writes: the folder doesn't show it.
    try Breaking.emptied.apply(bench.file("fleet"))
    #expect(try later.authenticate(token.secret, at: bench.now)?.name == "fleet")
    #expect(try young.authenticate(token.secret, at: bench.now) == nil)
  }

  @Test func `a token is refused from its end on, without a change on the disk`() throws {
    let bench = try Bench()
    let end = Timestamp(milliseconds: bench.now.milliseconds + 10_000)
    let token = try bench.registry.createToken("fleet", scopes: [.read], expiresAt: end)
    bench.fixture.time.advance(milliseconds: 9_999)
    #expect(try bench.authenticate(token.secret) == "fleet" && !bench.table.isEmpty(at: bench.now))
    bench.fixture.time.advance(milliseconds: 1)
    #expect(try bench.authenticate(token.secret) == nil)
    #expect(try bench.table.isEmpty(at: bench.now) && !bench.table.isUnused())
  }

  /// What may lie in the folder and must not let anybody in.
  enum Foreign: String, CaseIterable {
    case empty, torn, longer, flipped, otherName, hiddenName, groupReadable, worldWritable, setUserID, link,
      folder,
      pipe, copy, unfinished
  }

  @Test(arguments: Foreign.allCases)
  func `half-written and foreign files grant nothing, and stop no other token`(foreign: Foreign) throws {
    let bench = try Bench()
    let good = try bench.registry.createToken("good", scopes: [.read])
    let bad = try bench.registry.createToken("bad", scopes: [.admin])
    let bytes = try bench.fixture.bytes("private/tokens/bad")
    let path = bench.file("bad")
    func put(_ bytes: [UInt8], at path: String) throws {
      try Data(bytes).write(to: URL(filePath: path))
      try #require(chmod(path, 0o600) == 0)
    }
    switch foreign {
    case .empty: try put([], at: path)
    case .torn: try put(bytes.dropLast(), at: path)
    case .longer: try put(bytes + [10], at: path)
    case .flipped: try put(bytes.map { $0 == UInt8(ascii: ":") ? UInt8(ascii: ";") : $0 }, at: path)
    case .otherName: try #require(rename(path, bench.file("worse")) == 0)
    case .hiddenName: try #require(rename(path, bench.file(".bad")) == 0)
    case .unfinished: try #require(rename(path, bench.file(".new")) == 0)
    case .groupReadable: try #require(chmod(path, 0o640) == 0)
    case .worldWritable: try #require(chmod(path, 0o602) == 0)
    case .setUserID: try #require(chmod(path, 0o4600) == 0)
    case .link:
      try #require(rename(path, bench.fixture.scratch("elsewhere")) == 0)
      try #require(symlink(bench.fixture.scratch("elsewhere"), path) == 0)
    case .folder: try #require(unlink(path) == 0 && mkdir(path, 0o600) == 0)
    case .pipe: try #require(unlink(path) == 0 && mkfifo(path, 0o600) == 0)
    case .copy:
      var text = try bench.fixture.text("private/tokens/bad")
      text.replace("\"name\":\"bad\"", with: "\"name\":\"bat\"")
      try put(Array(text.utf8), at: bench.file("bat"))
    }
    #expect(try bench.authenticate(bad.secret) == nil)
    #expect(try bench.authenticate(good.secret) == "good")
    #expect(try !bench.table.isUnused())
    let isTold = foreign != .unfinished
    #expect(bench.registry.tokenProblems().isEmpty != isTold, "\(bench.registry.tokenProblems())")
  }

  @Test(.enabled(if: geteuid() == 0, "SKIPPED, NOT TESTED: needs root to give a file away"))
  func `a file of another user grants nothing`() throws {
    let bench = try Bench()
    let token = try bench.registry.createToken("fleet", scopes: [.admin])
    try #require(chown(bench.file("fleet"), 65534, 65534) == 0)
    #expect(try bench.authenticate(token.secret) == nil)
    #expect(bench.registry.tokenProblems().count == 1)
  }

  @Test func `a folder that can't be read is an error, and lets nobody in`() throws {
    let bench = try Bench()
    let token = try bench.registry.createToken("fleet", scopes: [.read])
    #expect(try bench.authenticate(token.secret) == "fleet")
    let aside = bench.fixture.path("private/aside")
    try #require(rename(bench.fixture.path("private/tokens"), aside) == 0)
    #expect(try bench.authenticate(token.secret) == nil && bench.table.isUnused(), "gone is none")
    try bench.fixture.scratch.write("root/private/tokens", "no folder")
    let error = try failure { try bench.table.authenticate(token.secret, at: bench.now) }
    #expect(error.unchanged == "nobody was let in", "\(error)")
    #expect(code { try bench.table.isEmpty() } == .failed && code { try bench.table.isUnused() } == .failed)
    try #require(unlink(bench.fixture.path("private/tokens")) == 0)
    try #require(rename(aside, bench.fixture.path("private/tokens")) == 0)
    #expect(try bench.authenticate(token.secret) == "fleet")
  }

  @Test(.enabled(if: geteuid() == 0, "SKIPPED, NOT TESTED: needs root to become another uid"))
  func `another user is refused, not taken for one without tokens`() async throws {
    let scratch = try Scratch()
    await #expect(processExitsWith: .success) { [folder = scratch.path as String] in
      setenv("MODELCTL_TEST_SCRATCH", folder, 1)
      let fixture = try StoreFixture()
      _ = try fixture.open().createToken("fleet", scopes: [.read])
      try run("/bin/chmod", "755", folder, fixture.scratch.path)
      try #require(setgroups(0, nil) == 0 && setgid(65534) == 0 && setuid(65534) == 0)
      let table = try TokenTable(fixture.root)
      #expect(code { try table.isUnused() } == .permission)
      #expect(code { try table.isEmpty() } == .permission)
      let reader = try Registry.openForReading(fixture.root, fixture.options())
      #expect(code { try reader.tokens() } == .permission && reader.tokenProblems() == [])
      #expect(code { try reader.revokeToken("fleet") } == .permission)
    }
  }

  @Test func `many threads ask while tokens come and go, and each answer is right`() throws {
    let bench = try Bench()
    let kept = try bench.registry.createToken("kept", scopes: [.read])
    let gone = try bench.registry.createToken("gone", scopes: [.read])
    try bench.registry.revokeToken("gone")
    let wrong = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { thread in
      do {
        for round in 0..<25 {
          if thread == 0 {
            try bench.registry.revokeToken(
              bench.registry.createToken(TokenName(parsing: "r\(round)"), scopes: [.read]).record.name)
          }
          let now = bench.now
          let isRight =
            try bench.table.authenticate(kept.secret, at: now)?.name == "kept"
            && bench.table.authenticate(gone.secret, at: now) == nil
          if !isRight { wrong.withLock { $0.append("thread \(thread), round \(round)") } }
        }
      } catch {
        wrong.withLock { $0.append("\(error)") }
      }
    }
    #expect(wrong.withLock { $0 } == [])
  }
}

extension TokenTableTests {
  @Test func `another store in the place of the first has tokens of its own`() throws {
    let fixture = try StoreFixture()
    let token = try fixture.open().createToken("fleet", scopes: [.read])
    let now = fixture.time.clock.now()
    let table = try TokenTable(fixture.root)
    #expect(try table.authenticate(token.secret, at: now) != nil)
    let other = try StoreFixture()
    _ = try other.open()
    try FileManager.default.moveItem(atPath: fixture.root, toPath: fixture.scratch("aside"))
    #expect(code { try table.authenticate(token.secret, at: now) } == .notFound, "nobody is let in")
    try FileManager.default.moveItem(atPath: other.root, toPath: fixture.root)
    #expect(try table.authenticate(token.secret, at: now) == nil && table.isUnused())
  }
}
