import GRDB
import RegistryModel

/// A version of the remote that couldn't be brought.
struct UnfetchedVersion: Hashable, Sendable {
  private static let longestWaitMilliseconds: Int64 = 3_600_000

  let version: VersionID
  /// What its manifest should be; nil where nobody said.
  let digest: Digest?
  let problem: String
  let since: Timestamp
  let triedAt: Timestamp

  /// As long as it failed so far, it isn't tried again; an hour at most. A clock that went back makes it due.
  func isDue(at now: Timestamp) -> Bool {
    let wait = min(max(0, triedAt.milliseconds - since.milliseconds), Self.longestWaitMilliseconds)
    return !(0..<wait).contains(now.milliseconds - triedAt.milliseconds)
  }
}

extension Transaction {
  func noteUnfetched(_ version: VersionID, _ digest: Digest?, _ problem: String, at now: Timestamp) throws {
    try execute(
      """
      INSERT INTO unfetched (version, digest, problem, since, tried_at) VALUES (?1, ?2, ?3, ?4, ?4)
      ON CONFLICT (version) DO UPDATE
      SET digest = coalesce(excluded.digest, digest), problem = excluded.problem, tried_at = excluded.tried_at
      """, [version.description, digest?.data, problem, now.milliseconds])
  }

  func forgetUnfetched(_ version: VersionID) throws {
    try execute("DELETE FROM unfetched WHERE version = ?", [version.description])
  }

  /// Those that were tried longest ago.
  func unfetched(limit: Int) throws -> [UnfetchedVersion] {
    try rows(
      "SELECT version, digest, problem, since, tried_at FROM unfetched ORDER BY tried_at, version LIMIT ?",
      [limit]
    ).map { row in
      UnfetchedVersion(
        version: try Self.stored("unfetched.version") { try VersionID(parsing: row["version"]) },
        digest: row["digest"] == nil ? nil : try Digest(column: row, "digest"), problem: row["problem"],
        since: Timestamp(milliseconds: row["since"]), triedAt: Timestamp(milliseconds: row["tried_at"]))
    }
  }
}
