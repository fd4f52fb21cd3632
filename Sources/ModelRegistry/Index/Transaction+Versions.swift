import Foundation
import GRDB
import RegistryModel

/// A version as the index knows it.
struct VersionRecord: Hashable, Sendable {
  let id: Int64
  let version: VersionID
  let digest: Digest
  let createdAt: Timestamp
  let bytes: Int64
  let isInstalled: Bool
  /// Whether its own tree was found bad; its blobs are another question.
  let hasDamagedTree: Bool
}

extension Transaction {
  private static let columns = "id, adapter, number, digest, created_at, bytes, installed, damaged"

  /// Adds a version with its files, attachments and lineage; it counts as installed. The caller reads the manifests
  /// of its archives, in the same transaction (``readArchives(from:)``).
  func insertVersion(_ manifest: Manifest, digest: Digest, content: Digest, at now: Timestamp) throws {
    try execute(
      """
      INSERT INTO versions (adapter, number, digest, content, created_at, added_at, bytes, installed)
      VALUES (?, ?, ?, ?, ?, ?, ?, 1)
      """,
      [
        manifest.adapter.text, manifest.number, digest.data, content.data, manifest.createdAt.milliseconds,
        now.milliseconds, Int64(manifest.totalBytes),
      ])
    let id = db.lastInsertedRowID
    for file in manifest.files {
      try execute(
        "INSERT INTO files (version, path, digest, bytes) VALUES (?, ?, ?, ?)",
        [id, file.path.text, file.digest.data, file.bytes])
    }
    for archive in manifest.archives {
      try insertEdge(id, "archive", archive.digest.description)
      if let manifest = archive.manifest {
        try insertAttachment(id, manifest, "archive")
        try expectArchive(manifest)
      }
    }
    if let origin = manifest.origin { try insertOrigin(id, origin, of: manifest.adapter) }
    if let base = manifest.base { try insertEdge(id, "base", base.digest.description) }
    if let job = manifest.job { try insertEdge(id, "job", job.id) }
  }

  private func insertEdge(_ version: Int64, _ kind: String, _ parent: String) throws {
    try execute("INSERT INTO edges (version, kind, parent) VALUES (?, ?, ?)", [version, kind, parent])
  }

  private func insertAttachment(_ version: Int64, _ digest: Digest, _ kind: String) throws {
    try execute(
      "INSERT OR IGNORE INTO attachments (version, digest, kind) VALUES (?, ?, ?)",
      [version, digest.data, kind])
  }

  private func insertOrigin(_ version: Int64, _ origin: Manifest.Origin, of adapter: AdapterName) throws {
    try insertAttachment(version, origin.manifest, "origin")
    guard let name = origin.version else { return }
    try execute(
      "INSERT INTO origins (version, adapter, name) VALUES (?, ?, ?)", [version, adapter.text, name])
  }

  /// The version that was imported under this name, the newest where there are several.
  func version(of adapter: AdapterName, origin name: String) throws -> VersionRecord? {
    let id = try integer(
      "SELECT version FROM origins WHERE adapter = ? AND name = ? ORDER BY version DESC LIMIT 1",
      [adapter.text, name])
    return try id.flatMap { try version(id: $0) }
  }

  /// What the version was called where it was imported from.
  func origin(of id: Int64) throws -> String? {
    try row("SELECT name FROM origins WHERE version = ?", [id])?["name"]
  }

  func version(_ id: VersionID) throws -> VersionRecord? {
    try row(
      "SELECT \(Self.columns) FROM versions WHERE adapter = ? AND number = ?", [id.adapter.text, id.number]
    ).map(record)
  }

  func version(digest: Digest) throws -> VersionRecord? {
    try row("SELECT \(Self.columns) FROM versions WHERE digest = ?", [digest.data]).map(record)
  }

  /// The versions whose digest begins like this; two are enough to know that it is ambiguous.
  func versions(matching prefix: DigestPrefix, adapter: AdapterName?) throws -> [VersionRecord] {
    try rows(
      """
      SELECT \(Self.columns) FROM versions
      WHERE digest BETWEEN ? AND ? AND (?3 IS NULL OR adapter = ?3) ORDER BY digest LIMIT 2
      """,
      [Data(prefix.lowerBound), Data(prefix.upperBound), adapter?.text]
    ).map(record)
  }

  /// A version of `adapter` that says the same, number, time and note aside.
  func version(of adapter: AdapterName, content: Digest) throws -> VersionRecord? {
    // The + keeps SQLite from going through all versions of the adapter in the order of their numbers.
    try row(
      "SELECT \(Self.columns) FROM versions WHERE adapter = ? AND content = ? ORDER BY +number LIMIT 1",
      [adapter.text, content.data]
    ).map(record)
  }

  func latestVersion(of adapter: AdapterName) throws -> VersionRecord? {
    try row(
      "SELECT \(Self.columns) FROM versions WHERE adapter = ? ORDER BY number DESC LIMIT 1", [adapter.text]
    ).map(record)
  }

  /// One page of versions by adapter and number, those after `after`.
  func versions(of adapter: AdapterName?, after: VersionID?, limit: Int) throws -> [VersionRecord] {
    switch (adapter, after) {
    case (let adapter?, let after):
      try rows(
        "SELECT \(Self.columns) FROM versions WHERE adapter = ? AND number > ? ORDER BY number LIMIT ?",
        [adapter.text, after?.number ?? 0, limit]
      ).map(record)
    case (nil, let after):
      try rows(
        """
        SELECT \(Self.columns) FROM versions WHERE (adapter, number) > (?, ?)
        ORDER BY adapter, number LIMIT ?
        """, [after?.adapter.text ?? "", after?.number ?? 0, limit]
      ).map(record)
    }
  }

  /// Every installed version by adapter and number, for the sweeps of gc, verify and recovery.
  func installedVersions() throws -> [VersionRecord] {
    try sweep { after, limit in
      try rows(
        """
        SELECT \(Self.columns) FROM versions WHERE installed = 1 AND (adapter, number) > (?, ?)
        ORDER BY adapter, number LIMIT ?
        """, [after?.adapter.text ?? "", after?.number ?? 0, limit]
      ).map(record)
    }
  }

  func allVersions() throws -> [VersionRecord] {
    try sweep { after, limit in try versions(of: nil, after: after, limit: limit) }
  }

  /// Reads page by page what a sweep looks at, so that no single statement runs through a table.
  private func sweep(_ page: (VersionID?, Int) throws -> [VersionRecord]) throws -> [VersionRecord] {
    var all: [VersionRecord] = []
    while true {
      let found = try page(all.last?.version, 1000)
      all += found
      if found.count < 1000 { return all }
    }
  }

  /// One page of installed versions, those that were made first at the front; `after` is the last one seen.
  func oldestInstalled(after: VersionRecord?, limit: Int) throws -> [VersionRecord] {
    try rows(
      """
      SELECT \(Self.columns) FROM versions WHERE installed = 1 AND (created_at, id) > (?, ?)
      ORDER BY created_at, id LIMIT ?
      """, [after?.createdAt.milliseconds ?? Int64.min, after?.id ?? 0, limit]
    ).map(record)
  }

  /// With a new tree, or none, damage of the old one is gone.
  func setInstalled(_ id: Int64, _ installed: Bool) throws {
    try execute("UPDATE versions SET installed = ?, damaged = 0 WHERE id = ?", [installed ? 1 : 0, id])
  }

  /// Records that the version's own tree is bad, or good again; other versions with the same files are not meant.
  func setTreeDamaged(_ id: Int64, _ damaged: Bool) throws {
    try execute("UPDATE versions SET damaged = ? WHERE id = ?", [damaged ? 1 : 0, id])
  }

  func files(of id: Int64) throws -> [Manifest.File] {
    try rows("SELECT path, digest, bytes FROM files WHERE version = ? ORDER BY path", [id]).map(Self.file)
  }

  func file(_ path: RelativePath, of id: Int64) throws -> Manifest.File? {
    try row("SELECT path, digest, bytes FROM files WHERE version = ? AND path = ?", [id, path.text])
      .map(Self.file)
  }

  private static func file(_ row: Row) throws -> Manifest.File {
    Manifest.File(
      path: try stored("files.path") { try RelativePath(parsing: row["path"]) },
      digest: try Digest(column: row, "digest"), bytes: row["bytes"])
  }

  /// The blobs that travel with a version without being files of it, with their sizes where they are here.
  func attachments(of version: VersionRecord) throws -> [(Digest, Int64)] {
    try rows(
      """
      SELECT a.digest, coalesce(b.bytes, 0) AS bytes FROM attachments a
      LEFT JOIN blobs b ON b.digest = a.digest WHERE a.version = ? ORDER BY a.digest
      """, [version.id]
    ).map { (try Digest(column: $0, "digest"), $0["bytes"]) }
  }

  /// Whether the version's tree, or one of its blobs, was found bad.
  func isDamaged(_ record: VersionRecord) throws -> Bool {
    if record.hasDamagedTree { return true }
    return try exists(
      """
      SELECT 1 FROM blobs INDEXED BY blobs_damaged WHERE damaged = 1 AND
        (digest = ?1 OR EXISTS (SELECT 1 FROM files WHERE version = ?2 AND files.digest = blobs.digest))
      LIMIT 1
      """, [record.digest.data, record.id])
  }

  /// The manifest digests of all versions that have a bad blob or a bad tree.
  func damagedVersions() throws -> Set<Digest> {
    let found = try rows(
      """
      SELECT DISTINCT v.digest FROM blobs b INDEXED BY blobs_damaged
      JOIN files f ON f.digest = b.digest JOIN versions v ON v.id = f.version WHERE b.damaged = 1
      UNION SELECT v.digest FROM blobs b INDEXED BY blobs_damaged
      JOIN versions v ON v.digest = b.digest WHERE b.damaged = 1
      UNION SELECT digest FROM versions INDEXED BY versions_damaged WHERE damaged = 1
      """)
    return Set(try found.map { try Digest(column: $0, "digest") })
  }

  private func record(_ row: Row) throws -> VersionRecord {
    VersionRecord(
      id: row["id"],
      version: try Self.stored("versions.adapter") {
        try VersionID(adapter: AdapterName(parsing: row["adapter"]), number: row["number"])
      },
      digest: try Digest(column: row, "digest"),
      createdAt: Timestamp(milliseconds: row["created_at"]), bytes: row["bytes"],
      isInstalled: row["installed"] == 1, hasDamagedTree: row["damaged"] == 1)
  }
}
