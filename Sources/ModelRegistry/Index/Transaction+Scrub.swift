import GRDB
import RegistryModel

extension Transaction {
  func scrubState() throws -> ScrubState {
    guard let row = try row("SELECT * FROM scrub WHERE id = 1") else { throw Self.malformed("scrub.id") }
    let isUnderWay = (row["started_at"] as Int64?) != nil
    return ScrubState(
      startedAt: Self.time(row, "started_at"), finishedAt: Self.time(row, "finished_at"),
      doneBytes: row[isUnderWay ? "bytes" : "finished_bytes"], totalBytes: try totals().bytes,
      damaged: row[isUnderWay ? "damaged" : "finished_damaged"])
  }

  func scrubPass() throws -> ScrubPass {
    guard let row = try row("SELECT * FROM scrub WHERE id = 1"), let started = Self.time(row, "started_at")
    else { return ScrubPass() }
    let hasCursor = (row["cursor"] as DatabaseValue?)?.isNull == false
    return ScrubPass(
      startedAt: started, cursor: hasCursor ? try Digest(column: row, "cursor") : nil, bytes: row["bytes"],
      damaged: row["damaged"])
  }

  func setScrub(_ pass: ScrubPass) throws {
    try execute(
      "UPDATE scrub SET started_at = ?, cursor = ?, bytes = ?, damaged = ? WHERE id = 1",
      [pass.startedAt?.milliseconds, pass.cursor?.data, pass.bytes, pass.damaged])
  }

  func finishScrub(_ pass: ScrubPass, at now: Timestamp) throws {
    try setScrub(ScrubPass())
    try execute(
      "UPDATE scrub SET finished_at = ?, finished_bytes = ?, finished_damaged = ? WHERE id = 1",
      [now.milliseconds, pass.bytes, pass.damaged])
  }

  /// Installed versions whose own trees are known to be bad.
  func damagedTrees() throws -> [VersionRecord] {
    try rows("SELECT id FROM versions WHERE damaged = 1 ORDER BY digest").compactMap { row in
      try version(id: row["id"]).flatMap { $0.isInstalled ? $0 : nil }
    }
  }

  private static func time(_ row: Row, _ column: String) -> Timestamp? {
    (row[column] as Int64?).map { Timestamp(milliseconds: $0) }
  }
}
