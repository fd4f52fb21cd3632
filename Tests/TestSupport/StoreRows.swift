import Foundation
import GRDB
import RegistryModel

/// The index's rows, read with SQL of the tests' own.
struct StoreRows {
  struct Version: Hashable {
    let name: String
    let digest: Digest
    let isInstalled: Bool
    let files: [String: Digest]
  }

  struct Generation: Hashable {
    let number: Int
    let digest: Digest
    let fallback: Int?
    let isConfirmed: Bool
    let state: String
    let attempts: Int
    let spent: Int
    let members: [String: Digest]
  }

  var versions: [Version] = []
  var blobs: [Digest: Bool] = [:]
  var generations: [Int: Generation] = [:]
  var link: Int?
  var tombstones: [String] = []
  var pendingHistory = 0
  var auditHead: AuditHead?
  /// What the first record of the audit is about.
  var auditBegin: String?
  /// `KIND SUBJECT` of every record about a token.
  var tokenRecords: Set<String> = []
  /// Names of the marks that the rows of channels and evaluations speak of.
  var settings: [String] = []
  var evaluations: [String] = []
  /// Archives of episodes that were sent.
  var uploads: Set<Digest> = []
  /// Each table's rows as text, to compare.
  var dump: [String: [String]] = [:]

  /// Nil where there is no index with a schema.
  init?(_ root: String, dumping: Bool = false) throws {
    guard let size = Disk.status("\(root)/registry.db")?.bytes, size > 0 else { return nil }
    // A journal that has to be played back can't be read past, and nothing may be changed here: so a copy is.
    let copy = Disk.status("\(root)/registry.db-journal") == nil ? nil : try Self.copied(root)
    var configuration = GRDB.Configuration()
    configuration.readonly = copy == nil
    configuration.busyMode = .timeout(5)
    let queue: DatabaseQueue
    do {
      queue = try DatabaseQueue(path: "\(copy?.path ?? root)/registry.db", configuration: configuration)
      guard try queue.read({ try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }) > 0 else { return nil }
    } catch let error as DatabaseError where error.resultCode == .SQLITE_NOTADB {
      return nil
    }
    try queue.read { db in try read(db, dumping: dumping) }
    try queue.close()
  }

  private static func copied(_ root: String) throws -> Scratch {
    let copy = try Scratch("index", inMemory: true)
    for name in Disk.names(root) where name.hasPrefix("registry.db") {
      try FileManager.default.copyItem(atPath: "\(root)/\(name)", toPath: copy("\(name)"))
    }
    return copy
  }

  private mutating func read(_ db: Database, dumping: Bool) throws {
    for row in try Row.fetchAll(db, sql: "SELECT * FROM versions ORDER BY adapter, number") {
      let files = try Row.fetchAll(
        db, sql: "SELECT path, digest FROM files WHERE version = ?", arguments: [row["id"]])
      versions.append(
        Version(
          name: "\(row["adapter"] as String)_v\(row["number"] as Int)", digest: Self.digest(row["digest"]),
          isInstalled: row["installed"] == 1,
          files: Dictionary(uniqueKeysWithValues: files.map { ($0["path"], Self.digest($0["digest"])) })))
    }
    for row in try Row.fetchAll(db, sql: "SELECT digest, damaged FROM blobs") {
      blobs[Self.digest(row["digest"])] = row["damaged"] == 1
    }
    for row in try Row.fetchAll(db, sql: "SELECT * FROM generations") {
      let number: Int = row["number"]
      let members = try Row.fetchAll(
        db, sql: "SELECT version, digest FROM members WHERE generation = ?", arguments: [number])
      generations[number] = Generation(
        number: number, digest: Self.digest(row["digest"]), fallback: row["fallback"],
        isConfirmed: row["confirmed"] == 1, state: row["state"], attempts: row["attempts"],
        spent: try Int.fetchOne(
          db, sql: "SELECT count(*) FROM attempts WHERE generation = ?", arguments: [number]) ?? 0,
        members: Dictionary(uniqueKeysWithValues: members.map { ($0["version"], Self.digest($0["digest"])) }))
    }
    link = try Int.fetchOne(db, sql: "SELECT link FROM head")
    tombstones = try String.fetchAll(db, sql: "SELECT kind || ' ' || name FROM tombstones")
    pendingHistory = try Int.fetchOne(db, sql: "SELECT count(*) FROM history WHERE state = 'pending'") ?? 0
    auditHead = try Row.fetchOne(db, sql: "SELECT seq, digest FROM audit ORDER BY seq DESC LIMIT 1").map {
      AuditHead(seq: $0["seq"], digest: Self.digest($0["digest"]))
    }
    auditBegin = try String.fetchOne(db, sql: "SELECT kind FROM audit ORDER BY seq LIMIT 1")
    tokenRecords = try String.fetchSet(
      db, sql: "SELECT kind || ' ' || subject FROM audit WHERE kind IN ('token_create', 'token_revoke')")
    // An interrupted migration may have stopped in front of these.
    let schema = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    if schema > 1 { try readMarks(db) }
    if schema > 4 {
      uploads = Set(try Data.fetchAll(db, sql: "SELECT archive FROM uploads").map(Self.digest))
    }
    if dumping { try dump(db) }
  }

  private mutating func readMarks(_ db: Database) throws {
    settings = try String.fetchAll(
      db, sql: "SELECT adapter || '@' || name || '.' || seq FROM channel_history ORDER BY 1")
    evaluations = try String.fetchAll(
      db,
      sql: """
        SELECT v.adapter || '_v' || v.number || '.' || lower(hex(e.digest)) FROM evaluations e
        JOIN versions v ON v.id = e.version ORDER BY 1
        """)
  }

  private mutating func dump(_ db: Database) throws {
    let tables = try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
    for table in tables where !table.hasPrefix("sqlite_") {
      dump[table] = try Row.fetchAll(db, sql: "SELECT * FROM \"\(table)\"").map { row in
        row.map { "\($0)=\(Self.text($1))" }.joined(separator: " ")
      }
    }
    dump["pragmas"] = try ["user_version", "application_id"].map { pragma in
      "\(pragma)=\(try Int.fetchOne(db, sql: "PRAGMA \(pragma)") ?? 0)"
    }
  }

  private static func text(_ value: DatabaseValue) -> String {
    if case .blob(let data) = value.storage {
      return data.map { String($0, radix: 16) }.joined(separator: ".")
    }
    return "\(value)"
  }

  private static func digest(_ data: Data) -> Digest {
    guard let digest = Digest(bytes: data) else { preconditionFailure("a digest of \(data.count) bytes") }
    return digest
  }
}
