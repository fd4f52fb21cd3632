package import RegistryModel

extension Registry {
  /// One page of records, newest first; `next` is what to ask the next page with.
  ///
  /// A page has fewer records than `limit` where a rebuild left a gap in their numbers.
  /// - Parameter below: the number that the records lie below; nil: the newest.
  package func newestAudit(
    below: Int64? = nil, limit: Int = 100
  ) throws(RegistryError) -> (items: [(record: AuditRecord, digest: Digest)], next: Int64?) {
    try reporting("read the audit") {
      try index().read { transaction in
        guard let head = try transaction.auditHead()?.seq else { return ([], nil) }
        let end = min(below ?? Int64.max, head + 1)
        let start = max(0, end - 1 - Int64(limit))
        let records = try transaction.auditRecords(after: start, since: nil, limit: limit)
          .filter { $0.0.seq < end }
        return (records.reversed().map { (record: $0.0, digest: $0.1) }, start > 0 ? start + 1 : nil)
      }
    }
  }
}
