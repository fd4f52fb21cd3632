import Foundation
import GRDB
import RegistryModel

/// What the index knows of an archive whose own manifest is a blob here.
struct ArchiveRecord: Hashable {
  /// The manifest's digest.
  let manifest: Digest
  let archive: Digest
  let bytes: Int64?
  let robot: String?
  let createdAt: Timestamp?
}

/// An episode as an archive's manifest lists it.
struct EpisodeRecord: Hashable {
  let manifest: Digest
  let name: String
  let digest: Digest
  let steps: Int64?
  let bytes: Int64?
}

extension Transaction {
  // MARK: Writing

  /// Says that an archive's manifest is attached; it is read before this transaction ends, or by the next opening.
  func expectArchive(_ manifest: Digest) throws {
    try execute(
      """
      INSERT OR IGNORE INTO unread_archives (manifest)
      SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM archives WHERE manifest = ?1)
      """, [manifest.data])
  }

  func unreadArchives() throws -> [Digest] {
    try rows("SELECT manifest FROM unread_archives").map { try Digest(column: $0, "manifest") }
  }

  /// Writes down what an archive's manifest says.
  func insertArchive(_ manifest: ArchiveManifest, digest: Digest) throws {
    try execute(
      "INSERT OR IGNORE INTO archives (manifest, archive, bytes, robot, created_at) VALUES (?, ?, ?, ?, ?)",
      [
        digest.data, manifest.archive.data, manifest.bytes, manifest.robot, manifest.createdAt?.milliseconds,
      ])
    for episode in manifest.episodes {
      try execute(
        "INSERT OR IGNORE INTO episodes (manifest, name, digest, steps, bytes) VALUES (?, ?, ?, ?, ?)",
        [digest.data, episode.id, episode.digest.data, episode.steps, episode.bytes])
    }
    try execute("DELETE FROM unread_archives WHERE manifest = ?", [digest.data])
  }

  // MARK: Edges

  /// What a version was made from: kind and parent, a digest or a job's id.
  func edges(of version: VersionRecord) throws -> [(kind: String, parent: String)] {
    try rows("SELECT kind, parent FROM edges WHERE version = ? ORDER BY kind, parent", [version.id])
      .map { ($0["kind"], $0["parent"]) }
  }

  /// The digest of the version's base; nil without one.
  func base(of id: Int64) throws -> Digest? {
    let parent = try row("SELECT parent FROM edges WHERE version = ? AND kind = 'base' LIMIT 1", [id])
    guard let text: String = parent?["parent"] else { return nil }
    return try Self.stored("edges.parent") { try Digest(parsing: text) }
  }

  /// Versions that have an edge of this kind from `parent`, by id; those after `id`.
  func children(_ kind: String, of parent: String, after id: Int64, limit: Int) throws -> [VersionRecord] {
    try rows(
      """
      SELECT version AS id FROM edges WHERE kind = ? AND parent = ? AND version > ? ORDER BY version LIMIT ?
      """, [kind, parent, id, limit]
    ).compactMap { try version(id: $0["id"]) }
  }

  func hasEdge(_ id: Int64, _ kind: String, _ parent: String) throws -> Bool {
    try exists("SELECT 1 FROM edges WHERE version = ? AND kind = ? AND parent = ?", [id, kind, parent])
  }

  func isKnown(_ kind: String, _ parent: String) throws -> Bool {
    try exists("SELECT 1 FROM edges WHERE kind = ? AND parent = ? LIMIT 1", [kind, parent])
  }

  // MARK: Archives and episodes

  /// What manifests say of an archive; several may speak of one.
  func archives(_ archive: Digest) throws -> [ArchiveRecord] {
    try rows(
      """
      SELECT manifest, archive, bytes, robot, created_at FROM archives WHERE archive = ? ORDER BY manifest
      """, [archive.data]
    ).map(archiveRecord)
  }

  func archive(manifest: Digest) throws -> ArchiveRecord? {
    try row(
      "SELECT manifest, archive, bytes, robot, created_at FROM archives WHERE manifest = ?", [manifest.data]
    ).map(archiveRecord)
  }

  func episodeCount(in manifest: Digest) throws -> Int64 {
    try integer("SELECT count(*) FROM episodes WHERE manifest = ?", [manifest.data]) ?? 0
  }

  func episodes(in manifest: Digest, limit: Int) throws -> [EpisodeRecord] {
    try rows(
      """
      SELECT manifest, name, digest, steps, bytes FROM episodes WHERE manifest = ? ORDER BY name LIMIT ?
      """, [manifest.data, limit]
    ).map(episodeRecord)
  }

  /// An episode by its name, in every archive that has it.
  func episodes(named name: String) throws -> [EpisodeRecord] {
    try rows(
      "SELECT manifest, name, digest, steps, bytes FROM episodes WHERE name = ? ORDER BY manifest", [name]
    ).map(episodeRecord)
  }

  func episodes(_ digest: Digest) throws -> [EpisodeRecord] {
    try rows(
      """
      SELECT manifest, name, digest, steps, bytes FROM episodes WHERE digest = ? ORDER BY name, manifest
      """, [digest.data]
    ).map(episodeRecord)
  }

  private func archiveRecord(_ row: Row) throws -> ArchiveRecord {
    let created: Int64? = row["created_at"]
    return ArchiveRecord(
      manifest: try Digest(column: row, "manifest"), archive: try Digest(column: row, "archive"),
      bytes: row["bytes"], robot: row["robot"], createdAt: created.map { Timestamp(milliseconds: $0) })
  }

  private func episodeRecord(_ row: Row) throws -> EpisodeRecord {
    EpisodeRecord(
      manifest: try Digest(column: row, "manifest"), name: row["name"],
      digest: try Digest(column: row, "digest"), steps: row["steps"], bytes: row["bytes"])
  }
}
