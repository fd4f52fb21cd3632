#if DEBUG
  import Foundation
  import GRDB
  import ModelRegistry
  import RegistryModel
  import TestSupport
  import Testing

  /// Found by tools/evidence: SQLite's log may hold a whole commit whose flush failed, and the next opening believes it.
  @Suite struct IndexFailureTests {
    private let scratch: Scratch
    private let root: String
    private let registry: Registry
    private let index: DatabaseQueue

    /// Version 1 is active, in generation 1.
    init() throws {
      scratch = try Scratch("index", inMemory: true)
      try Preparation.plain.build(at: scratch("store"))
      root = "\(scratch("store"))/root"
      registry = try Registry.open(root, Bench(scratch("store")).options())
      index = try DatabaseQueue(path: "\(root)/registry.db")
    }

    private var hasBuilt: Bool {
      FileManager.default.fileExists(atPath: "\(root)/generations/2/generation.json")
    }

    private func activate(_ registry: Registry) throws -> SwitchResult {
      try registry.activate([Reference(parsing: "robot_001_v2")])
    }

    private func expectSound() {
      let invariants = StoreInvariants(root)
      #expect(invariants.checkSettled(Bench(scratch("store")).options()) == [])
    }

    @Test func `an activation that the index couldn't record leaves what a row may name`() throws {
      try index.write {
        try $0.execute(
          sql: "CREATE TRIGGER failing BEFORE INSERT ON history BEGIN SELECT RAISE(ABORT, 'no medium'); END")
      }
      #expect(throws: RegistryError.self) { try activate(registry) }
      #expect(hasBuilt)
      #expect(try ActiveState.read(root).generation == 1)
      try index.write { try $0.execute(sql: "DROP TRIGGER failing") }
      try index.close()
      let next = try Registry.open(root, Bench(scratch("store")).options())
      #expect(try activate(next).generation == 3, "no number is used twice")
      expectSound()
    }

    @Test func `what an activation built goes where another holds the index`() throws {
      try index.writeWithoutTransaction { other in
        try other.inTransaction(.immediate) {
          #expect(throws: RegistryError.self) { try activate(registry) }
          return .rollback
        }
      }
      #expect(!hasBuilt)
      try index.close()
      expectSound()
    }
  }
#endif
