import GRDB
import RegistryModel

extension Transaction {
  func recordUpload(_ manifest: ArchiveManifest, uri: String, at now: Timestamp) throws {
    try execute(
      """
      INSERT INTO uploads (archive, uri, bytes, episodes, uploaded_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (archive) DO UPDATE SET uri = excluded.uri
      """,
      [manifest.archive.data, uri, manifest.bytes ?? 0, manifest.episodes.count, now.milliseconds])
    for episode in manifest.episodes {
      try execute(
        """
        INSERT OR IGNORE INTO uploaded_episodes (digest, archive, name, steps, bytes) VALUES (?, ?, ?, ?, ?)
        """, [episode.digest.data, manifest.archive.data, episode.id, episode.steps, episode.bytes])
    }
  }

  /// An archive that holds this episode; nil where it was never sent.
  func upload(of episode: Digest) throws -> Digest? {
    try row("SELECT archive FROM uploaded_episodes WHERE digest = ? LIMIT 1", [episode.data])
      .map { try Digest(column: $0, "archive") }
  }

  func upload(_ archive: Digest) throws -> UploadedArchive? {
    try row(
      "SELECT archive, uri, bytes, episodes, uploaded_at FROM uploads WHERE archive = ?", [archive.data]
    ).map(upload)
  }

  /// The newest first; one page.
  func uploads(limit: Int) throws -> [UploadedArchive] {
    try rows(
      """
      SELECT archive, uri, bytes, episodes, uploaded_at FROM uploads
      ORDER BY uploaded_at DESC, archive DESC LIMIT ?
      """, [limit]
    ).map(upload)
  }

  private func upload(_ row: Row) throws -> UploadedArchive {
    UploadedArchive(
      digest: try Digest(column: row, "archive"), uri: row["uri"], bytes: row["bytes"],
      episodes: row["episodes"], uploadedAt: Timestamp(milliseconds: row["uploaded_at"]))
  }
}
