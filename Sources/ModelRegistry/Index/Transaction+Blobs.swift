import DurableFiles
import Foundation
import GRDB
import RegistryModel

/// A blob as the index knows it.
struct BlobRecord: Hashable, Sendable {
  let digest: Digest
  let bytes: Int64
  let isDamaged: Bool
}

/// Where a version has a file.
struct FilePlace: Hashable, Sendable {
  let version: Int64
  let path: RelativePath
}

/// What the index counts.
struct StoreTotals: Hashable, Sendable {
  var versions: Int64 = 0
  var installed: Int64 = 0
  var blobs: Int64 = 0
  var bytes: Int64 = 0
}

extension Transaction {
  func blob(_ digest: Digest) throws -> BlobRecord? {
    try row("SELECT digest, bytes, damaged FROM blobs WHERE digest = ?", [digest.data]).map(blob)
  }

  /// Blobs of exactly this size, at most `limit`: the ones that a file of this size could be.
  func blobs(ofSize bytes: Int64, limit: Int) throws -> [BlobRecord] {
    try rows("SELECT digest, bytes, damaged FROM blobs WHERE bytes = ? LIMIT ?", [bytes, limit]).map(blob)
  }

  /// Whether a blob's row stands for the folder `ab` of `blobs/sha256`: then the folder's name is durable.
  func hasBlob(inFolder name: String) throws -> Bool {
    guard let first = UInt8(name, radix: 16) else { return false }
    let bounds = [UInt8(0), 255].map { Data([first] + [UInt8](repeating: $0, count: Digest.byteCount - 1)) }
    return try exists("SELECT 1 FROM blobs WHERE digest BETWEEN ? AND ? LIMIT 1", bounds)
  }

  /// One page of blobs by digest.
  func blobs(after digest: Digest?, limit: Int) throws -> [BlobRecord] {
    try rows(
      "SELECT digest, bytes, damaged FROM blobs WHERE digest > ? ORDER BY digest LIMIT ?",
      [digest?.data ?? Data(), limit]
    ).map(blob)
  }

  /// Records that the blob's bytes are durable and good; a tombstone for its name is struck out.
  func putBlob(_ digest: Digest, bytes: Int64) throws {
    try putNewBlob(digest, bytes: bytes)
    try strike(.blob, digest.hex)
  }

  /// The same where no tombstone is left.
  func putNewBlob(_ digest: Digest, bytes: Int64) throws {
    try execute(
      """
      INSERT INTO blobs (digest, bytes, damaged) VALUES (?, ?, 0)
      ON CONFLICT (digest) DO UPDATE SET bytes = excluded.bytes, damaged = 0
      """, [digest.data, bytes])
  }

  func setDamaged(_ digest: Digest, _ damaged: Bool) throws {
    try execute("UPDATE blobs SET damaged = ? WHERE digest = ?", [damaged ? 1 : 0, digest.data])
    if damaged { try execute("DELETE FROM stamps WHERE digest = ?", [digest.data]) }
  }

  func deleteBlob(_ digest: Digest) throws {
    try execute("DELETE FROM blobs WHERE digest = ?", [digest.data])
  }

  func damagedBlobs() throws -> [BlobRecord] {
    try rows("SELECT digest, bytes, damaged FROM blobs WHERE damaged = 1 ORDER BY digest").map(blob)
  }

  /// Versions that have this blob among their files, or as their manifest or attachment.
  func versions(with digest: Digest) throws -> [VersionRecord] {
    let ids = try rows(
      """
      SELECT version AS id FROM files WHERE digest = ?1
      UNION SELECT id FROM versions WHERE digest = ?1
      UNION SELECT version FROM attachments WHERE digest = ?1
      UNION SELECT version FROM evaluations WHERE digest = ?1
      """, [digest.data])
    return try ids.compactMap { try version(id: $0["id"]) }.sorted { $0.version < $1.version }
  }

  /// One page of the places in installed trees that should hold this blob.
  func installedPlaces(of digest: Digest, after last: FilePlace?, limit: Int) throws -> [FilePlace] {
    try rows(
      """
      SELECT f.version, f.path FROM files f JOIN versions v ON v.id = f.version
      WHERE f.digest = ?1 AND (f.version, f.path) > (?2, ?3) AND v.installed = 1
      ORDER BY f.version, f.path LIMIT ?4
      """, [digest.data, last?.version ?? 0, last?.path.text ?? "", limit]
    ).map { row in
      FilePlace(
        version: row["version"],
        path: try Self.stored("files.path") { try RelativePath(parsing: row["path"] as String) })
    }
  }

  func version(id: Int64) throws -> VersionRecord? {
    guard let row = try row("SELECT adapter, number FROM versions WHERE id = ?", [id]) else { return nil }
    return try version(
      Self.stored("versions.adapter") {
        try VersionID(adapter: AdapterName(parsing: row["adapter"]), number: row["number"])
      })
  }

  /// One page of blobs by digest that no installed version's files, no version's manifest or attachment and no
  /// evaluation need, and where the next page begins; nil at the end. Each page looks at `limit` blobs.
  func unneededBlobs(after digest: Digest?, limit: Int) throws -> (blobs: [BlobRecord], next: Digest?) {
    let page = try blobs(after: digest, limit: limit)
    return (try page.filter { try !isNeeded($0.digest) }, page.count < limit ? nil : page.last?.digest)
  }

  func isNeeded(_ digest: Digest) throws -> Bool {
    try exists(
      """
      SELECT 1 WHERE
        EXISTS (SELECT 1 FROM files f JOIN versions v ON v.id = f.version
                WHERE f.digest = ?1 AND v.installed = 1)
        OR EXISTS (SELECT 1 FROM versions v WHERE v.digest = ?1)
        OR EXISTS (SELECT 1 FROM attachments a WHERE a.digest = ?1)
        OR EXISTS (SELECT 1 FROM evaluations e WHERE e.digest = ?1)
        OR EXISTS (SELECT 1 FROM files f JOIN outbox o ON o.version = f.version
                   WHERE f.digest = ?1 AND o.refused = 0)
      """, [digest.data])
  }

  /// Whether any version, installed or not, has the blob among its files, or it is a manifest, an attachment or an
  /// evaluation.
  func isNamed(_ digest: Digest) throws -> Bool {
    try exists(
      """
      SELECT 1 WHERE
        EXISTS (SELECT 1 FROM files WHERE digest = ?1) OR EXISTS (SELECT 1 FROM versions WHERE digest = ?1)
        OR EXISTS (SELECT 1 FROM attachments WHERE digest = ?1)
        OR EXISTS (SELECT 1 FROM evaluations WHERE digest = ?1)
      """, [digest.data])
  }

  /// The size that manifests say; nil where the blob is no version's file.
  func expectedBytes(of digest: Digest) throws -> Int64? {
    try integer("SELECT bytes FROM files WHERE digest = ? LIMIT 1", [digest.data])
  }

  /// What gc would free if this version's tree went: blobs that no other installed version has.
  func bytesOnly(in id: Int64) throws -> Int64 {
    try integer(
      """
      SELECT coalesce(sum(bytes), 0) FROM (
        SELECT DISTINCT f.digest, f.bytes FROM files f WHERE f.version = ?1 AND NOT EXISTS (
          SELECT 1 FROM files g JOIN versions v ON v.id = g.version
          WHERE g.digest = f.digest AND v.installed = 1 AND v.id <> ?1))
      """, [id]) ?? 0
  }

  func totals() throws -> StoreTotals {
    let row = try row(
      "SELECT versions AS v, installed AS i, blobs AS n, bytes AS b FROM totals WHERE id = 1")
    guard let row else { return StoreTotals() }
    return StoreTotals(versions: row["v"], installed: row["i"], blobs: row["n"], bytes: row["b"])
  }

  private func blob(_ row: Row) throws -> BlobRecord {
    BlobRecord(digest: try Digest(column: row, "digest"), bytes: row["bytes"], isDamaged: row["damaged"] == 1)
  }
}

// MARK: Stamps

extension Transaction {
  /// Records that the file with this status holds exactly the bytes of `digest`.
  func stamp(_ status: FileStatus, holds digest: Digest) throws {
    try execute(
      "INSERT OR REPLACE INTO stamps (inode, digest, bytes, modified_ns, changed_ns) VALUES (?, ?, ?, ?, ?)",
      [
        Int64(bitPattern: status.inode), digest.data, status.size, status.modifiedNanoseconds,
        status.changedNanoseconds,
      ])
  }

  /// Whether the file with this status is known to hold the bytes of `digest`, unchanged since.
  func isStamped(_ status: FileStatus, holding digest: Digest) throws -> Bool {
    try exists(
      """
      SELECT 1 FROM stamps
      WHERE inode = ? AND digest = ? AND bytes = ? AND modified_ns = ? AND changed_ns = ?
      """,
      [
        Int64(bitPattern: status.inode), digest.data, status.size, status.modifiedNanoseconds,
        status.changedNanoseconds,
      ])
  }
}

// MARK: Tombstones

/// What a committed deletion has yet to remove.
struct Tombstone: Hashable, Sendable {
  enum Kind: String, Sendable { case tree, blob, generation, manifest }
  let kind: Kind
  let name: String
}

extension Transaction {
  func bury(_ kind: Tombstone.Kind, _ name: String) throws {
    try execute("INSERT OR IGNORE INTO tombstones (kind, name) VALUES (?, ?)", [kind.rawValue, name])
  }

  func strike(_ kind: Tombstone.Kind, _ name: String) throws {
    try execute("DELETE FROM tombstones WHERE kind = ? AND name = ?", [kind.rawValue, name])
  }

  func hasTombstones() throws -> Bool { try exists("SELECT 1 FROM tombstones LIMIT 1") }

  func tombstones() throws -> [Tombstone] {
    try rows("SELECT kind, name FROM tombstones ORDER BY kind, name").compactMap { row in
      Tombstone.Kind(rawValue: row["kind"]).map { Tombstone(kind: $0, name: row["name"]) }
    }
  }
}
