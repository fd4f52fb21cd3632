import GRDB
import RegistryModel

/// How far a remote was read.
struct RemoteProgress: Hashable, Sendable {
  let uri: String
  var cursor: Timestamp?
  var listedAt: Timestamp?
  var syncedAt: Timestamp?
}

extension Transaction {
  func remoteProgress() throws -> RemoteProgress? {
    try row("SELECT uri, cursor, listed_at, synced_at FROM remote WHERE id = 1").map { row in
      func time(_ column: String) -> Timestamp? {
        (row[column] as Int64?).map { Timestamp(milliseconds: $0) }
      }
      return RemoteProgress(
        uri: row["uri"], cursor: time("cursor"), listedAt: time("listed_at"), syncedAt: time("synced_at"))
    }
  }

  /// Begins to speak of this remote; what was known of another one is forgotten.
  func expectRemote(_ uri: String) throws {
    guard try remoteProgress()?.uri != uri else { return }
    try execute("DELETE FROM remote WHERE id = 1")
    for table in ["journal_seen", "remote_objects", "robots", "unfetched"] {
      try execute("DELETE FROM \(table)")
    }
    try execute("INSERT INTO remote (id, uri) VALUES (1, ?)", [uri])
  }

  func setRemoteProgress(_ progress: RemoteProgress) throws {
    try execute(
      "UPDATE remote SET cursor = ?, listed_at = ?, synced_at = ? WHERE id = 1 AND uri = ?",
      [
        progress.cursor?.milliseconds, progress.listedAt?.milliseconds, progress.syncedAt?.milliseconds,
        progress.uri,
      ])
  }

  // MARK: Journal

  func hasSeen(_ entry: RelativePath) throws -> Bool {
    try exists("SELECT 1 FROM journal_seen WHERE name = ?", [entry.text])
  }

  func markSeen(_ entry: RelativePath) throws {
    try execute("INSERT OR IGNORE INTO journal_seen (name) VALUES (?)", [entry.text])
  }

  /// Forgets entries that lie before what will be read again.
  func forgetSeen(before start: String) throws {
    try execute("DELETE FROM journal_seen WHERE name < ?", [start])
  }

  // MARK: Objects that change

  func generation(of object: RelativePath) throws -> Int64? {
    try integer("SELECT generation FROM remote_objects WHERE name = ?", [object.text])
  }

  func setGeneration(_ generation: Int64, of object: RelativePath) throws {
    try execute(
      """
      INSERT INTO remote_objects (name, generation) VALUES (?, ?)
      ON CONFLICT (name) DO UPDATE SET generation = excluded.generation
      """, [object.text, generation])
  }

  // MARK: Robots

  /// The manifests of all installed versions, read in pages; as many as there are.
  func installedDigests() throws -> [Digest] {
    var digests: [Digest] = []
    var after = ("", Int64(0))
    while true {
      let page = try rows(
        """
        SELECT digest, adapter, number FROM versions
        WHERE installed = 1 AND (adapter, number) > (?, ?) ORDER BY adapter, number LIMIT 1000
        """, [after.0, after.1])
      guard let last = page.last else { return digests }
      digests += try page.map { try Digest(column: $0, "digest") }
      after = (last["adapter"], last["number"])
    }
  }

  func setReport(_ report: RobotReport) throws {
    try execute("DELETE FROM robots WHERE robot = ?", [report.robot.text])
    try execute(
      "INSERT INTO robots (robot, reported_at) VALUES (?, ?)",
      [report.robot.text, report.reportedAt.milliseconds])
    let active = report.active?.set.digests ?? []
    for digest in Set(report.installed).union(active) {
      try execute(
        "INSERT INTO robot_versions (robot, digest, active) VALUES (?, ?, ?)",
        [report.robot.text, digest.data, active.contains(digest) ? 1 : 0])
    }
  }

  /// Robots that have this version, as far as they reported.
  func robots(with digest: Digest, limit: Int) throws -> [(
    robot: String, isActive: Bool, reportedAt: Timestamp
  )] {
    try rows(
      """
      SELECT v.robot, v.active, r.reported_at FROM robot_versions v JOIN robots r ON r.robot = v.robot
      WHERE v.digest = ? ORDER BY v.robot LIMIT ?
      """, [digest.data, limit]
    ).map { ($0["robot"], $0["active"] == 1, Timestamp(milliseconds: $0["reported_at"])) }
  }
}
