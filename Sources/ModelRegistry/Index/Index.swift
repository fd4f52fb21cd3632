import CLinux
import CMigrations
import DurableFiles
import Foundation
import GRDB
import RegistryModel
import Synchronization

/// The embedded index: one SQLite file in WAL mode, of which every commit is durable when it returns.
///
/// What would lose data, and is therefore settled here and asserted by a test:
/// * `synchronous=FULL`: with NORMAL a power cut takes acknowledged commits away.
/// * No automatic checkpoint and none on close: SQLite before 3.51.3 corrupts with two checkpointers, so
///   checkpoints run alone, under a lock (`checkpointIfLarge`).
/// * Every write transaction checks the schema version: a process of an older release never writes under a
///   newer schema.
///
/// No GRDB type leaves this folder; every failure is a `RegistryError`.
final class Index: Sendable {
  /// Marks the file as ours (`PRAGMA application_id`): "MREG".
  static let applicationID = 0x4D52_4547
  /// How long a statement waits for another process's transaction; also the most that `switch` is held for it.
  static let busySeconds = 2.0

  /// What a file is to be: the store's index, or one in the making that nobody else sees.
  enum Use { case live, scratch }

  let path: String
  let isReadOnly: Bool
  let queue: DatabaseQueue
  private let committed = Mutex<(@Sendable ([UInt8]?) -> Void)?>(nil)

  /// Opens the index that is there; with `anySchema` also one of an older schema, to be copied only.
  /// - Throws: `integrity` when the file is missing, empty or no database; `refused` when its schema is newer;
  ///   `permission` when it can't be opened.
  static func open(at path: String, readOnly: Bool, anySchema: Bool = false) throws -> Index {
    try Index(path: path, readOnly: readOnly, creating: false, use: .live, anySchema: anySchema)
  }

  /// Makes the index, or takes an interrupted creation to its end.
  static func create(at path: String) throws -> Index {
    try Index(path: path, readOnly: false, creating: true, use: .live)
  }

  /// Makes an index that is put in the live one's place later, or opens a copy to be completed. It isn't durable, has
  /// no write-ahead log, and is one file once it is closed.
  static func scratch(at path: String, creating: Bool) throws -> Index {
    try Index(path: path, readOnly: false, creating: creating, use: .scratch)
  }

  private init(path: String, readOnly: Bool, creating: Bool, use: Use, anySchema: Bool = false) throws {
    self.path = path
    self.isReadOnly = readOnly
    if !creating { try Self.requireDatabase(at: path) }
    var configuration = GRDB.Configuration()
    configuration.readonly = readOnly
    configuration.busyMode = .timeout(Self.busySeconds)
    configuration.prepareDatabase { db in try Self.prepare(db, readOnly: readOnly, use) }
    queue = try Self.translating { try DatabaseQueue(path: path, configuration: configuration) }
    if readOnly {
      if !anySchema { try read { _ in } }
    } else {
      try migrate(creating: creating)
    }
  }

  /// Runs `body` in one read transaction: it sees one state throughout.
  func read<T>(_ body: (Transaction) throws -> T) throws -> T {
    try Self.translating {
      try queue.read { db in
        try Self.requireSchema(db, readOnly: isReadOnly)
        return try body(Transaction(db: db))
      }
    }
  }

  /// Runs `body` in one write transaction. When this returns, its changes are durable.
  @discardableResult
  func write<T>(_ body: (Transaction) throws -> T) throws -> T {
    let result = try run(body) {
      try Failpoint.reach("commit index", needsSpace: true)
      return .commit
    }
    if let body = committed.withLock(\.self) { body(logState()) }
    try Failpoint.reach("index committed")
    return result
  }

  /// Has something done with the log's state after each commit of this connection, before it is acknowledged.
  func whenCommitted(_ body: @escaping @Sendable ([UInt8]?) -> Void) { committed.withLock { $0 = body } }

  /// What this connection sees of the log: equal for equal logs alone, nil while somebody changes it. Of an index with a log
  /// only, as asking makes the shared memory that goes with one.
  func logState() -> [UInt8]? {
    queue.inDatabase { db in
      var state = [UInt8](repeating: 0, count: 24)
      return clinux_sqlite_log_state(UnsafeMutableRawPointer(db.sqliteConnection), &state) == 0 ? state : nil
    }
  }

  /// Gives this connection memory for transactions that touch thousands of pages, 32 MiB where it was 2, and keeps
  /// what undoes one statement in memory. Without it SQLite writes a page into its log each time the page has to make
  /// room, and several for each statement into a file of its own.
  func expectLargeTransactions() throws {
    try Self.translating {
      try queue.inDatabase { try $0.execute(sql: "PRAGMA cache_size=-32768; PRAGMA temp_store=MEMORY") }
    }
  }

  /// Runs `body` in a write transaction and takes it back: what would it do?
  func rehearse<T>(_ body: (Transaction) throws -> T) throws -> T {
    try run(body) { .rollback }
  }

  private func run<T>(
    _ body: (Transaction) throws -> T, ending: () throws -> Database.TransactionCompletion
  ) throws -> T {
    let result = try Self.translating {
      try queue.writeWithoutTransaction { db in
        var result: T?
        try db.inTransaction(.immediate) {
          try Self.requireSchema(db, readOnly: false)
          result = try body(Transaction(db: db))
          return try ending()
        }
        return result
      }
    }
    guard let result else {
      throw RegistryError(.failed, "the index rolled a transaction back", hint: "run the command again")
    }
    return result
  }

  /// Copies the write-ahead log into the database when it has outgrown 4 MiB. The caller holds the
  /// `checkpoint` lock, so this is the only checkpointer.
  func checkpointIfLarge(limitBytes: Int64 = 4 << 20) throws {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path + "-wal")
    guard let size = (attributes?[.size] as? NSNumber)?.int64Value, size > limitBytes else { return }
    try Self.translating {
      try queue.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
    }
  }

  /// Tells SQLite that the log's name is durable, which saves a flush per process (docs/decisions/0006).
  func trustLogName() {
    queue.inDatabase { db in
      _ = clinux_sqlite_trust_log_name(UnsafeMutableRawPointer(db.sqliteConnection))
    }
  }

  /// Asks SQLite whether the file is sound.
  func quickCheck() throws {
    let answer = try Self.translating {
      try queue.read { db in try String.fetchAll(db, sql: "PRAGMA quick_check(3)") }
    }
    guard answer == ["ok"] else {
      throw RegistryError(
        .integrity, "the index is damaged: \(answer.joined(separator: "; "))", unchanged: Self.filesAreSafe,
        hint: Self.lostHint)
    }
  }

  /// What SQLite says of this connection's settings, for `doctor` and for the test that pins them.
  func settings() throws -> [String: String] {
    try Self.translating {
      try queue.read { db in
        var values: [String: String] = [
          "sqlite": try String.fetchOne(db, sql: "SELECT sqlite_version()") ?? ""
        ]
        for pragma in ["journal_mode", "synchronous", "wal_autocheckpoint", "foreign_keys", "user_version"] {
          values[pragma] = try Row.fetchOne(db, sql: "PRAGMA \(pragma)").map { "\($0[0] as DatabaseValue)" }
        }
        values["keeps_wal"] =
          clinux_sqlite_has_kept_wal(UnsafeMutableRawPointer(db.sqliteConnection)) == 1 ? "1" : "0"
        return values
      }
    }
  }
}

extension Index {
  static let filesAreSafe =
    "blobs, trees and the active link are untouched, and `active`, `boot` and `rollback` work"
  static let lostHint = "`modelctl rebuild` makes the index again from the files beside it"

  /// The newest schema that this program knows.
  static var newestSchema: Int { Int(registry_migration_count()) }

  private static func prepare(_ db: Database, readOnly: Bool, _ use: Use) throws {
    #if DEBUG
      StatementRecorder.current?.attach(to: db)
    #endif
    if use == .scratch {
      try db.execute(sql: "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;")
    } else if !readOnly {
      try db.execute(sql: "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;")
      let code = clinux_sqlite_keep_wal(UnsafeMutableRawPointer(db.sqliteConnection))
      guard code == 0 else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }
    try db.execute(sql: "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;")
  }

  private static func requireDatabase(at path: String) throws {
    let attributes: [FileAttributeKey: Any]
    do {
      attributes = try FileManager.default.attributesOfItem(atPath: path)
    } catch CocoaError.fileReadNoPermission {
      throw RegistryError(
        .permission, "may not read the index \(path)", hint: "run as the user that owns the store")
    } catch {
      throw RegistryError(
        .integrity, "the index \(path) is missing", unchanged: filesAreSafe, hint: lostHint)
    }
    guard attributes[.type] as? FileAttributeType == .typeRegular else {
      throw RegistryError(.integrity, "the index \(path) is no file", unchanged: filesAreSafe, hint: lostHint)
    }
    guard let size = attributes[.size] as? NSNumber, size.int64Value > 0 else {
      throw RegistryError(.integrity, "the index \(path) is empty", unchanged: filesAreSafe, hint: lostHint)
    }
  }

  private static func requireSchema(_ db: Database, readOnly: Bool) throws {
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    if version > newestSchema { throw newerSchema(version) }
    if version == 0 { throw foreign }
    guard version == newestSchema else {
      throw RegistryError(
        .refused, "the index has schema \(version), this program needs \(newestSchema)",
        hint: readOnly ? "let the store's owner run any writing command once" : "open the store again")
    }
  }

  private static var foreign: RegistryError {
    RegistryError(
      .integrity, "registry.db is no index of a model registry", unchanged: filesAreSafe, hint: lostHint)
  }

  private static func newerSchema(_ version: Int) -> RegistryError {
    RegistryError(
      .refused, "the index has schema \(version), this program knows \(newestSchema) at most",
      hint: "use the newer modelctl that wrote it")
  }

  /// Brings the schema up to date: each migration in a transaction of its own, forward only.
  private func migrate(creating: Bool) throws {
    try Self.translating {
      try queue.writeWithoutTransaction { db in
        var version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version != Self.newestSchema else { return }
        if version > Self.newestSchema { throw Self.newerSchema(version) }
        if version == 0, !creating { throw Self.foreign }
        while version < Self.newestSchema {
          try db.inTransaction(.immediate) {
            let now = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            guard now == version else { return .rollback }  // another process was faster
            try db.execute(sql: try Self.migration(version))
            try db.execute(
              sql: "PRAGMA user_version=\(version + 1); PRAGMA application_id=\(Self.applicationID);")
            try Failpoint.reach("commit migration", needsSpace: true)
            return .commit
          }
          version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        }
      }
    }
    try Failpoint.reach("index migrated")
  }

  static func migration(_ number: Int) throws -> String {
    guard let sql = registry_migration_sql(UInt(number)) else {
      throw RegistryError(.failed, "migration \(number) is missing", hint: "reinstall modelctl")
    }
    return String(cString: sql)
  }
}
