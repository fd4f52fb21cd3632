import Foundation
import GRDB
import RegistryModel

extension Transaction {
  /// Appends a record to the chain.
  @discardableResult
  func audit(
    _ kind: AuditRecord.Kind, _ subject: String, from: String? = nil, to: String? = nil,
    reason: String? = nil,
    by: String, at now: Timestamp
  ) throws -> Timestamp {
    let last = try row("SELECT seq, at, digest FROM audit ORDER BY seq DESC LIMIT 1")
    let record = AuditRecord(
      seq: 1 + (last?["seq"] ?? 0),
      at: AuditRecord.time(now: now, after: last.map { Timestamp(milliseconds: $0["at"]) }), by: by,
      kind: kind,
      subject: subject, from: from, to: to, reason: reason,
      prev: try last.map { try Digest(column: $0, "digest") })
    try execute(
      """
      INSERT INTO audit (seq, at, by, kind, subject, "from", "to", reason, prev, digest)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        record.seq, record.at.milliseconds, record.by, record.kind.rawValue, record.subject, record.from,
        record.to, record.reason, record.prev?.data, try Digest.sha256(of: record.digestedBytes).data,
      ])
    return record.at
  }

  func auditHead() throws -> AuditHead? {
    try row("SELECT seq, digest FROM audit ORDER BY seq DESC LIMIT 1").map {
      AuditHead(seq: $0["seq"], digest: try Digest(column: $0, "digest"))
    }
  }

  func lastAuditTime() throws -> Timestamp? {
    try integer("SELECT at FROM audit ORDER BY seq DESC LIMIT 1").map { Timestamp(milliseconds: $0) }
  }

  func auditDigest(seq: Int64) throws -> Digest? {
    try row("SELECT digest FROM audit WHERE seq = ?", [seq]).map { try Digest(column: $0, "digest") }
  }

  /// One page of records after `seq`, not older than `since`, with the digests stored beside them.
  func auditRecords(after seq: Int64, since: Timestamp?, limit: Int) throws -> [(AuditRecord, Digest)] {
    try rows(
      """
      SELECT seq, at, by, kind, subject, "from", "to", reason, prev, digest FROM audit
      WHERE seq > ? AND at >= ? ORDER BY seq LIMIT ?
      """, [seq, since?.milliseconds ?? Int64.min, limit]
    ).map { row in
      guard let kind = AuditRecord.Kind(rawValue: row["kind"]) else {
        throw RegistryError(
          .integrity, "audit record \(row["seq"] as Int64) has an unknown kind",
          hint: "compare it with a copy of the index")
      }
      let prev: Data? = row["prev"]
      let record = AuditRecord(
        seq: row["seq"], at: Timestamp(milliseconds: row["at"]), by: row["by"], kind: kind,
        subject: row["subject"], from: row["from"], to: row["to"], reason: row["reason"],
        prev: try prev.map { data in
          guard let digest = Digest(bytes: data) else { throw Self.malformed("audit.prev") }
          return digest
        })
      return (record, try Digest(column: row, "digest"))
    }
  }
}
