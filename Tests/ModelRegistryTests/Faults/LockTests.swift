import DurableFiles
import Glibc
import ModelRegistry
import TestSupport
import Testing

/// Each lock held by somebody else: verbs that need it are busy when their patience ends, and change nothing.
@Suite struct LockTests {
  /// A verb, and the lock that stops it.
  struct Case: CustomTestStringConvertible {
    let lock: String
    let mode: FileLock.Mode
    let verb: String
    let call: @Sendable (Registry, StoreFixture) throws -> Void

    init(
      _ lock: String, _ mode: FileLock.Mode, _ verb: String,
      _ call: @escaping @Sendable (Registry, StoreFixture) throws -> Void
    ) {
      (self.lock, self.mode, self.verb, self.call) = (lock, mode, verb, call)
    }

    var testDescription: String { "\(verb) while \(lock) is held \(mode)" }
  }

  static let cases = [
    Case("switch", .exclusive, "activate") { registry, _ in try registry.activate("robot_001_v3") },
    Case("switch", .exclusive, "deactivate") { registry, _ in try registry.deactivate("robot_001") },
    Case("switch", .exclusive, "confirm") { registry, _ in try registry.confirm() },
    Case("switch", .exclusive, "boot") { registry, _ in _ = try registry.boot() },
    Case("switch", .exclusive, "a fault") { registry, _ in try registry.health(.fault("x")) },
    Case("switch", .exclusive, "rollback") { registry, _ in try registry.rollback() },
    Case("content", .exclusive, "activate") { registry, _ in try registry.activate("robot_001_v3") },
    Case("content", .exclusive, "install") { registry, _ in _ = try registry.install("robot_001_v4") },
    Case("content", .exclusive, "rollback --to") { registry, _ in try registry.rollback(to: 1) },
    Case("content", .shared, "uninstall") { registry, _ in _ = try registry.uninstall("robot_001_v3") },
    Case("content", .shared, "gc") { registry, _ in _ = try registry.collect() },
    Case("content", .exclusive, "gc") { registry, _ in _ = try registry.collect() },
    Case("tokens", .exclusive, "token create") { registry, _ in
      _ = try registry.createToken(TokenName(parsing: "fleet"), scopes: [.read])
    },
    Case("staging", .exclusive, "install") { registry, _ in _ = try registry.install("robot_001_v4") },
  ]

  private func store() throws -> StoreFixture {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try fixture.publish("four", in: registry)
    _ = try registry.uninstall("robot_001_v4")
    try registry.activate("robot_001_v2")
    return fixture
  }

  @Test(arguments: cases)
  func `what needs a held lock is busy and changes nothing`(held: Case) throws {
    let fixture = try store()
    let registry = try fixture.open(Configuration(waitMilliseconds: 1))
    let changed = try change(of: fixture.root) { () throws in
      let locks = try Directory.open(fixture.path("locks"))
      let holder = try #require(try FileLock.tryAcquire(held.lock, in: locks, held.mode))
      let error = try failure { try held.call(registry, fixture) }
      #expect(error.code == .busy && error.hint.contains("try again"), "\(error)")
      holder.release()
    }
    #expect(changed == [])
    try held.call(registry, fixture)
    try fixture.expectSound()
  }

  @Test func `opening waits for whoever makes the store`() throws {
    let fixture = try StoreFixture()
    let locks = try Directory.open(fixture.path("locks"))
    let holder = try #require(try FileLock.tryAcquire("open", in: locks, .exclusive))
    #expect(code { try fixture.open(Configuration(waitMilliseconds: 1)) } == .busy)
    let waiting = Running { try fixture.open(Configuration(waitMilliseconds: 600_000)) }
    holder.release()
    _ = try waiting.get()
  }

  @Test(arguments: ["staging", "content", "names"])
  func `a publication that can't have its lock leaves no version`(lock: String) throws {
    let fixture = try store()
    let registry = try fixture.open(Configuration(waitMilliseconds: 1))
    let locks = try Directory.open(fixture.path("locks"))
    let holder = try #require(try FileLock.tryAcquire(lock, in: locks, .exclusive))
    #expect(code { try fixture.publish("five", in: registry) } == .busy)
    #expect(try registry.versions().items.count == 4)
    holder.release()
    #expect(try fixture.publish("five", in: registry).version.number == 5)
    try fixture.expectSound()
  }

  @Test func `a rollback is not delayed by what copies, removes or chooses numbers`() throws {
    let fixture = try store()
    let locks = try Directory.open(fixture.path("locks"))
    let holders = try ["content", "names", "staging", "checkpoint"].map {
      try #require(try FileLock.tryAcquire($0, in: locks, .exclusive))
    }
    #expect(try fixture.open(Configuration(waitMilliseconds: 1)).rollback().generation == 1)
    #expect(try fixture.boot().generation == 1)
    #expect(try ActiveState.read(fixture.root).generation == 1)
    holders.forEach { $0.release() }
    try fixture.expectSound()
  }

  @Test func `who waits gets the lock when it is given back`() throws {
    let fixture = try store()
    let locks = try Directory.open(fixture.path("locks"))
    let holder = try #require(try FileLock.tryAcquire("switch", in: locks, .exclusive))
    let registry = try fixture.open(Configuration(waitMilliseconds: 600_000))
    let waiting = Running { try registry.rollback() }
    holder.release()
    #expect(try waiting.get().generation == 1)
  }

  @Test func `recovery leaves what is held to the next opening`() throws {
    let fixture = try store()
    let locks = try Directory.open(fixture.path("locks"))
    // The link moved without a record, and an operation died.
    try #require(unlink(fixture.path("active")) == 0)
    try #require(symlink("generations/1", fixture.path("active")) == 0)
    try #require(mkdir(fixture.path("staging/publish-dead"), 0o755) == 0)
    try #require(mkdir(fixture.path("versions/robot_009_v1"), 0o755) == 0)
    let holders = try ["switch", "content"].map {
      try #require(try FileLock.tryAcquire($0, in: locks, .exclusive))
    }
    let patience = Configuration(waitMilliseconds: 1)
    #expect(try fixture.open(patience).history(limit: 1).items.first?.kind == .activate)
    #expect(fixture.exists("staging/publish-dead") && fixture.exists("versions/robot_009_v1"))
    holders[0].release()
    #expect(try fixture.open(patience).history(limit: 1).items.first?.kind == .recovered)
    #expect(fixture.exists("versions/robot_009_v1"))
    holders[1].release()
    _ = try fixture.open(patience)
    #expect(!fixture.exists("staging/publish-dead") && !fixture.exists("versions/robot_009_v1"))
    try fixture.expectSound()
  }

  @Test func `the way of another process's rollback is not swept away`() throws {
    let fixture = try store()
    let locks = try Directory.open(fixture.path("locks"))
    let holder = try #require(try FileLock.tryAcquire("switch", in: locks, .exclusive))
    // What a rollback has in the making while it holds `switch`.
    try #require(symlink("generations/1", fixture.path("staging/way-back-1")) == 0)
    _ = try fixture.open()
    #expect(fixture.exists("staging/way-back-1"))
    holder.release()
    _ = try fixture.open()
    #expect(!fixture.exists("staging/way-back-1"), "left behind, it goes")
  }

  @Test func `what another process is removing is left to it`() throws {
    let fixture = try store()
    let locks = try Directory.open(fixture.path("locks"))
    let holder = try #require(try FileLock.tryAcquire("content", in: locks, .exclusive))
    try fixture.scratch.write("root/staging/trash-robot_009_v1/file", "x")
    _ = try fixture.open()
    #expect(try fixture.names(in: "staging/trash-robot_009_v1") == ["file"], "not even a lock is put into it")
    holder.release()
    _ = try fixture.open()
    #expect(try fixture.names(in: "staging") == [])
  }
}
