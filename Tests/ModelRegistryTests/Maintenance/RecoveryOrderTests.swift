#if DEBUG
  import DurableFiles
  import Foundation
  import RegistryModel
  import TestSupport
  import Testing

  @testable import ModelRegistry

  /// Found by tools/evidence: what a recovery, a rebuild or a second `init` flushes, and in which order.
  @Suite struct RecoveryOrderTests {
    @Test func `names go durably before the bytes behind them, and both before what tells of them`() throws {
      let fixture = try StoreFixture.copied()
      let bytes = Array("left by somebody who was killed".utf8)
      let digest = try Digest.sha256(of: bytes)
      let folder = String(digest.hex.prefix(2))
      try FileManager.default.createDirectory(
        atPath: fixture.path("blobs/sha256/\(folder)"), withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(filePath: fixture.path("blobs/sha256/\(folder)/\(digest.hex)")))
      try FileManager.default.createSymbolicLink(
        atPath: fixture.path("manifests/robot_009_v1.json"),
        withDestinationPath: "../blobs/sha256/\(folder)/\(digest.hex)")
      try FileManager.default.createDirectory(
        atPath: fixture.path("staging/publish-dead"), withIntermediateDirectories: false)

      let plan = FaultPlan(.record)
      try FaultPlan.$current.withValue(plan) { _ = try fixture.open() }
      let order = [
        "unlink manifests/robot_009_v1.json", "sync manifests", "unlink blobs/sha256/\(folder)/\(digest.hex)",
        "sync blobs/sha256/\(folder)", "rmdir staging/publish-dead: publish-dead",
      ]
      let places = order.map { step in plan.steps.firstIndex(of: step) }
      #expect(!places.contains(nil), "\(plan.steps)")
      #expect(places.compactMap(\.self) == places.compactMap(\.self).sorted(), "\(plan.steps)")
    }

    @Test func `the log is flushed before a row of it is believed`() throws {
      let fixture = try StoreFixture.copied()
      try FileManager.default.createDirectory(
        atPath: fixture.path("staging/publish-dead"), withIntermediateDirectories: false)
      try FileManager.default.removeItem(atPath: fixture.path("locks/flushed"))
      let plan = FaultPlan(.record)
      try FaultPlan.$current.withValue(plan) { _ = try fixture.open() }
      let flushed = try #require(plan.steps.firstIndex(of: "sync data of registry.db-wal"), "\(plan.steps)")
      let removed = try #require(plan.steps.firstIndex { $0.hasPrefix("rmdir ") }, "\(plan.steps)")
      #expect(flushed < removed)
    }

    @Test func `a log is flushed again unless just this one was`() throws {
      let fixture = try StoreFixture.copied()
      func flushes() throws -> Bool {
        let plan = FaultPlan(.record)
        try FaultPlan.$current.withValue(plan) { _ = try fixture.open() }
        return plan.steps.contains("sync data of registry.db-wal")
      }
      _ = try flushes()  // the copy has another inode
      #expect(try !flushes())
      _ = try fixture.open().pin("robot_001_v1")
      #expect(try !flushes(), "a commit notes what it flushed")
      let note = fixture.path("locks/flushed")
      let text = try String(contentsOfFile: note, encoding: .utf8)
      _ = try fixture.open().unpin("robot_001_v1")
      try text.write(toFile: note, atomically: false, encoding: .utf8)
      #expect(try flushes(), "the note is of an older log")
      #expect(try !flushes())
    }

    @Test func `a tombstone goes when what it buried is gone durably, whoever took it away`() throws {
      let fixture = try StoreFixture.copied()
      let killed = FaultPlan(.record)
      let registry = try fixture.open()
      try FaultPlan.$current.withValue(killed) { _ = try registry.uninstall("robot_001_v2") }
      let renamed = try #require(killed.steps.firstIndex { $0.hasPrefix("rename staging/trash-") })

      let again = try StoreFixture.copied()
      let other = try again.open()
      let plan = FaultPlan(.fail(at: renamed + 2, errno: EIO))
      FaultPlan.$current.withValue(plan) { _ = try? other.uninstall("robot_001_v2") }
      #expect(plan.steps.last == "sync versions")
      let recovery = FaultPlan(.record)
      try FaultPlan.$current.withValue(recovery) { _ = try again.open() }
      let flushed = try #require(recovery.steps.firstIndex(of: "sync versions"), "\(recovery.steps)")
      let struck = try #require(recovery.steps.lastIndex { $0.hasPrefix("commit index") })
      #expect(flushed < struck)
    }

    @Test func `init flushes the way to a store that another began, before it makes the index`() throws {
      let scratch = try Scratch()
      try FileManager.default.createDirectory(
        atPath: "\(scratch.path)/deep/store", withIntermediateDirectories: true)
      let plan = FaultPlan(.record)
      try FaultPlan.$current.withValue(plan) { _ = try Registry.create("\(scratch.path)/deep/store") }
      let made = try #require(plan.steps.firstIndex { $0.hasPrefix("commit index") }, "\(plan.steps)")
      for above in ["sync ..", "sync ../.."] {
        let flushed = try #require(plan.steps.firstIndex(of: above), "\(plan.steps)")
        #expect(flushed < made)
      }
    }

    @Test func `an index that is damaged goes before its log, without which it would be believed`() throws {
      let fixture = try StoreFixture.copied()
      let store = try fixture.open().store
      for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
        try Data("nothing of SQLite's".utf8).write(to: URL(filePath: fixture.path(name)))
      }
      let operation = try Operation("rebuild", in: store, waitingAtMost: 0)
      try Data("the new one".utf8).write(to: URL(filePath: "\(operation.folder.path)/index.db"))
      let plan = FaultPlan(.record)
      try FaultPlan.$current.withValue(plan) {
        try IndexReplacement(store: store).place("index.db", from: operation)
      }
      func place(_ beginning: String) throws -> Int {
        try #require(plan.steps.firstIndex { $0.hasPrefix(beginning) }, "\(beginning) of \(plan.steps)")
      }
      let log = try place("rename quarantine/registry.db-wal-")
      #expect(try place("rename quarantine/registry.db-") == log - 2 && plan.steps[log - 1] == "sync .")
      #expect(try log < place("rename registry.db"))
      #expect(try fixture.text("registry.db") == "the new one")
    }

    @Test func `what was done before and may not be durable is flushed by whoever does it again`() throws {
      let fixture = try StoreFixture.copied()
      let registry = try fixture.open()
      func steps(_ body: () throws -> Void) rethrows -> [String] {
        let plan = FaultPlan(.record)
        try FaultPlan.$current.withValue(plan, operation: body)
        return plan.steps
      }
      try registry.activate("robot_001_v2")
      _ = try registry.confirm()
      let confirmed = try steps { _ = try registry.confirm() }
      for flush in ["sync generations/2", "sync marks/blocked"] {
        #expect(confirmed.contains(flush), "\(confirmed)")
      }
      let activated = try steps {
        try registry.activate("robot_001_v2", ActivationOptions(confirmed: true))
      }
      #expect(activated.contains("sync generations/2"), "\(activated)")
      let unpinned = try steps { _ = try registry.unpin("robot_001_v3") }
      #expect(unpinned.contains("sync marks/pins"), "\(unpinned)")
    }

    @Test func `the way back from where a rollback is sent is flushed, whoever made it`() throws {
      let fixture = try StoreFixture.copied()
      let registry = try fixture.open()
      try registry.activate("robot_001_v2")
      try registry.rollback()
      // As somebody leaves it who is killed in place of the flush.
      try FileManager.default.createSymbolicLink(
        atPath: fixture.path("generations/2/back"), withDestinationPath: "generations/1")
      let plan = FaultPlan(.record)
      try FaultPlan.$current.withValue(plan) { _ = try registry.rollback(to: 2) }
      let flushed = try #require(plan.steps.firstIndex(of: "sync generations/2"), "\(plan.steps)")
      let moved = try #require(plan.steps.firstIndex { $0.hasPrefix("rename active") }, "\(plan.steps)")
      #expect(flushed < moved)
    }

    @Test func `the folder of packed episodes has a durable name before anything is in it`() throws {
      let fixture = try StoreFixture.copied()
      let plan = FaultPlan(.record)
      try FaultPlan.$current.withValue(plan) {
        try OutgoingArchives(fixture.open().store, waitingAtMost: 0).release()
      }
      #expect(plan.steps.contains("sync private"), "\(plan.steps)")
    }

    @Test func `a fallback that can't be read at the switch is told of, and the kernel's log`() throws {
      let pattern = FaultPlan(.record)
      let first = try StoreFixture.copied()
      try FaultPlan.$current.withValue(pattern) { _ = try first.open().activate("robot_001_v2") }
      let built = try #require(pattern.steps.firstIndex(of: "sync generations"), "\(pattern.steps)")
      let fixture = try StoreFixture.copied()
      let link = fixture.path("generations/1/robot_001")
      let plan = FaultPlan(.call(at: built + 1) { unlink(link) })
      let error = try FaultPlan.$current.withValue(plan) {
        try failure { try fixture.open().activate("robot_001_v2") }
      }
      #expect(error.message.contains("couldn't be read, meanwhile"), "\(error)")
      #expect(error.hint.contains("the kernel's log"))
      #expect(fixture.active == "generations/1")
    }

    @Test func `a rebuild records a generation only when its links are durable`() throws {
      let fixture = try StoreFixture.copied()
      for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
        try? FileManager.default.removeItem(atPath: fixture.path(name))
      }
      let plan = FaultPlan(.record)
      try FaultPlan.$current.withValue(plan) {
        _ = try Registry.rebuild(fixture.root, OpenOptions(caller: "test"))
      }
      let flushed = try #require(plan.steps.firstIndex(of: "sync generations/1"), "\(plan.steps)")
      let recorded = try #require(plan.steps.lastIndex { $0.hasPrefix("commit index") })
      #expect(flushed < recorded)
    }
  }
#endif
