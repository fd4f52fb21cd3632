import Foundation
import GRDB
import RegistryModel

extension Transaction {
  /// The evaluations of a version, oldest first.
  func evaluations(of version: VersionRecord) throws -> [EvaluationRecord] {
    try rows(
      "SELECT digest, at, by FROM evaluations WHERE version = ? ORDER BY at, digest", [version.id]
    ).map { row in
      EvaluationRecord(
        version: version.version, digest: try Digest(column: row, "digest"),
        at: Timestamp(milliseconds: row["at"]), by: row["by"])
    }
  }

  func hasEvaluations() throws -> Bool { try exists("SELECT 1 FROM evaluations LIMIT 1") }

  func hasEvaluation(_ digest: Digest, of version: VersionRecord) throws -> Bool {
    try exists("SELECT 1 FROM evaluations WHERE version = ? AND digest = ?", [version.id, digest.data])
  }

  func insertEvaluation(_ record: EvaluationRecord, of version: VersionRecord) throws {
    try execute(
      "INSERT OR IGNORE INTO evaluations (version, digest, at, by) VALUES (?, ?, ?, ?)",
      [version.id, record.digest.data, record.at.milliseconds, record.by])
  }
}
