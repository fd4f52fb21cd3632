import Foundation
import GRDB

/// Fills the index of a store with made-up versions, so that its size can be measured without their bytes: rows as
/// migrations/*.sql describes them, 1,000 adapters, each a chain of bases, with jobs, archives and episodes.
struct MadeUpIndex {
  static let adapters = 1000
  static let episodesOfArchive = 10

  let versions: Int

  /// Each archive trained a hundred versions.
  var archives: Int { versions / 100 }

  /// The digest of an archive, as edges have it.
  static func archive(_ number: Int) -> String {
    let hex = String(number, radix: 16)
    return "sha256:" + String(repeating: "0", count: 64 - hex.count) + hex
  }

  /// Nobody may have the index open.
  func fill(_ root: String) throws {
    var configuration = GRDB.Configuration()
    // SQLite before 3.41 has no unhex().
    configuration.prepareDatabase { db in
      db.add(
        function: DatabaseFunction("made_up_digest", argumentCount: 1, pure: true) { values in
          guard let hex = String.fromDatabaseValue(values[0]) else { return nil }
          return Self.bytes(hex)
        })
    }
    let queue = try DatabaseQueue(path: "\(root)/registry.db", configuration: configuration)
    try queue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA synchronous=OFF; PRAGMA cache_size=-1500000; PRAGMA temp_store=MEMORY;")
      try db.inTransaction {
        for statement in statements { try db.execute(sql: statement) }
        return .commit
      }
      try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA optimize;")
    }
    try queue.close()
  }

  private static func bytes(_ hex: String) -> Data {
    let digits = Array(hex.utf8)
    return Data(
      stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
      })
  }

  private var statements: [String] {
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 <"
    let id = "(SELECT coalesce(max(id), 0) FROM versions)"
    return [
      """
      CREATE TEMP TABLE made AS \(numbers) \(versions))
      SELECT i, printf('made_%04d', i % \(Self.adapters)) AS adapter, 1 + i / \(Self.adapters) AS number,
        randomblob(32) AS digest, randomblob(32) AS weights, i + 1 + \(id) AS id FROM n
      """,
      """
      INSERT INTO versions (id, adapter, number, digest, content, created_at, added_at, bytes, installed)
      SELECT id, adapter, number, digest, randomblob(32), 1700000000000 + i * 1000, 1700000000000 + i * 1000,
        700000, i % 20 = 0 FROM made
      """,
      "INSERT INTO blobs (digest, bytes) SELECT digest, 900 FROM made ORDER BY digest",
      "INSERT INTO blobs (digest, bytes) SELECT weights, 700000 FROM made ORDER BY weights",
      """
      INSERT INTO files (version, path, digest, bytes)
      SELECT id, 'config/model_config.json', zeroblob(32), 10 FROM made
      UNION ALL SELECT id, 'lora_adapters.safetensors', weights, 700000 FROM made
      """,
      """
      INSERT INTO edges (version, kind, parent)
      SELECT id, 'job', 'job_' || printf('%012x', i) FROM made
      UNION ALL SELECT a.id, 'base', 'sha256:' || lower(hex(b.digest)) FROM made a JOIN made b
        ON b.rowid = a.rowid - \(Self.adapters)
      UNION ALL SELECT id, 'archive', 'sha256:' || printf('%064x', i % \(archives)) FROM made
      """,
      """
      CREATE TEMP TABLE packed AS \(numbers) \(archives))
      SELECT i, randomblob(32) AS manifest, printf('%064x', i) AS hex FROM n
      """,
      """
      INSERT INTO archives (manifest, archive, bytes, robot, created_at)
      SELECT manifest, made_up_digest(hex), 1000000, 'robot_001', 1700000000000 FROM packed
      """,
      """
      INSERT INTO episodes (manifest, name, digest, steps, bytes)
      SELECT manifest, printf('episode_%d_%d', p.i, e.i), randomblob(32), 22, 100000 FROM packed p
      JOIN (\(numbers) \(Self.episodesOfArchive)) SELECT i FROM n) e
      """,
    ]
  }
}
