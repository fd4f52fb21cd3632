import GRDB
import RegistryModel

/// A version that waits to be sent.
struct OutboxEntry: Hashable, Sendable {
  let record: VersionRecord
  let isPlain: Bool
  let since: Timestamp
  let problem: String?
  /// The remote has another version of this name: it isn't tried again by itself.
  let isRefused: Bool
}

extension Transaction {
  func enqueue(_ version: Int64, for uri: String, plain: Bool, at now: Timestamp) throws {
    try execute(
      """
      INSERT INTO outbox (version, uri, plain, since) VALUES (?, ?, ?, ?)
      ON CONFLICT (version) DO UPDATE
      SET uri = excluded.uri, plain = max(plain, excluded.plain), refused = 0, problem = NULL
      """, [version, uri, plain ? 1 : 0, now.milliseconds])
  }

  /// Rows are named by version and digest: a restore may have numbered them anew while something was sent.
  func setProblem(_ problem: String, refused: Bool, sending record: VersionRecord) throws {
    guard let id = try row(of: record) else { return }
    try execute(
      "UPDATE outbox SET problem = ?, refused = ? WHERE version = ?", [problem, refused ? 1 : 0, id])
  }

  func dequeue(_ record: VersionRecord) throws {
    guard let id = try row(of: record) else { return }
    try execute("DELETE FROM outbox WHERE version = ?", [id])
  }

  private func row(of record: VersionRecord) throws -> Int64? {
    try version(record.version).flatMap { $0.digest == record.digest ? $0.id : nil }
  }

  /// Whether it is still to be sent, to whatever remote.
  func isWaiting(_ version: Int64) throws -> Bool {
    try exists("SELECT 1 FROM outbox WHERE version = ? AND refused = 0", [version])
  }

  /// What waits for other remotes than this one, each with the remote; at most twice `limit`.
  func outboxElsewhere(than uri: String, limit: Int) throws -> [(version: VersionID, uri: String)] {
    let before = try rows(
      "SELECT version, uri FROM outbox WHERE uri < ? ORDER BY uri, refused, version LIMIT ?", [uri, limit])
    let behind = try rows(
      "SELECT version, uri FROM outbox WHERE uri > ? ORDER BY uri, refused, version LIMIT ?", [uri, limit])
    return try (before + behind).compactMap { row in
      try version(id: row["version"]).map { ($0.version, row["uri"]) }
    }
  }

  /// What waits for this remote, what is refused last; one page.
  func outbox(for uri: String, limit: Int) throws -> [OutboxEntry] {
    try rows(
      """
      SELECT version, plain, since, problem, refused FROM outbox
      WHERE uri = ? AND refused IN (0, 1) ORDER BY refused, version LIMIT ?
      """, [uri, limit]
    ).compactMap { row in
      try version(id: row["version"]).map {
        OutboxEntry(
          record: $0, isPlain: row["plain"] == 1, since: Timestamp(milliseconds: row["since"]),
          problem: row["problem"], isRefused: row["refused"] == 1)
      }
    }
  }
}
