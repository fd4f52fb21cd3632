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
    let last = try row("SELECT seq, digest, at FROM audit ORDER BY seq DESC LIMIT 1")
    return try append(
      kind, subject, from: from, to: to, reason: reason, by: by, at: now,
      following: last.map { AuditHead(seq: $0["seq"], digest: try Digest(column: $0, "digest")) },
      notBefore: last.map { Timestamp(milliseconds: $0["at"]) })
  }

  /// Appends a record behind `head`, which is the newest one here but for a rebuild: that may follow a record that
  /// only a generation still names.
  @discardableResult
  func audit(
    _ kind: AuditRecord.Kind, _ subject: String, from: String? = nil, to: String? = nil,
    reason: String? = nil, by: String, at now: Timestamp, following head: AuditHead?
  ) throws -> Timestamp {
    try append(
      kind, subject, from: from, to: to, reason: reason, by: by, at: now, following: head,
      notBefore: lastAuditTime())
  }

  private func append(
    _ kind: AuditRecord.Kind, _ subject: String, from: String?, to: String?, reason: String?, by: String,
    at now: Timestamp, following head: AuditHead?, notBefore last: Timestamp?
  ) throws -> Timestamp {
    let record = AuditRecord(
      seq: 1 + (head?.seq ?? 0),
      at: AuditRecord.time(now: now, after: last), by: by,
      kind: kind,
      subject: subject, from: from, to: to, reason: reason,
      prev: head?.digest)
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

  /// Whether a record of this kind about `subject` follows the record `seq`.
  func hasAudit(_ kind: AuditRecord.Kind, of subject: String, after seq: Int64) throws -> Bool {
    try exists(
      "SELECT seq FROM audit WHERE seq > ? AND kind = ? AND subject = ? LIMIT 1",
      [seq, kind.rawValue, subject])
  }

  func auditDigest(seq: Int64) throws -> Digest? {
    try row("SELECT digest FROM audit WHERE seq = ?", [seq]).map { try Digest(column: $0, "digest") }
  }

  /// Whether a record that a generation names is here, or is one that a rebuild says it couldn't bring back: the next
  /// record here is then the rebuild's own, and follows that one or a later one.
  func accounts(for head: AuditHead) throws -> Bool {
    if let digest = try auditDigest(seq: head.seq) { return digest == head.digest }
    let next = try row("SELECT seq, kind, prev FROM audit WHERE seq > ? ORDER BY seq LIMIT 1", [head.seq])
    guard let next, AuditRecord.Kind(rawValue: next["kind"])?.mayFollowGap == true else { return false }
    let prev: Data? = next["prev"]
    return next["seq"] != head.seq + 1 || prev == head.digest.data
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
