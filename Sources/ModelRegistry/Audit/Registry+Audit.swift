import DurableFiles
public import RegistryModel

/// What a check of the audit found; `problems` is empty when the chain holds.
public struct AuditCheck: Hashable, Sendable {
  public var records = 0
  public var head: AuditHead?
  public var problems: [String] = []
}

extension Registry {
  /// One page of records, oldest first; `after` is the `seq` of the last one seen.
  public func audit(
    after seq: Int64 = 0, since: Timestamp? = nil, limit: Int = 1000
  ) throws(RegistryError) -> Page<(record: AuditRecord, digest: Digest), Int64> {
    try reporting("read the audit") {
      let found = try index().read { try $0.auditRecords(after: seq, since: since, limit: limit + 1) }
      return Page(found.map { (record: $0.0, digest: $0.1) }, limit: limit, cursor: \.record.seq)
    }
  }

  /// Computes the chain again, and looks for the heads that generations carry.
  ///
  /// A rebuild's record may follow a gap: it says itself that what was before is lost. Otherwise this finds a changed,
  /// missing or inserted record, and missing last records where a generation was built after
  /// them. What was cut off behind the last generation can't be known here (docs/threat-model.md).
  public func verifyAudit() throws(RegistryError) -> AuditCheck {
    try reporting("verify the audit") {
      let index = try index()
      try index.quickCheck()
      var check = AuditCheck()
      var last: (record: AuditRecord, digest: Digest)?
      while true {
        let page = try index.read {
          try $0.auditRecords(after: last?.record.seq ?? Int64.min, since: nil, limit: 1000)
        }
        guard !page.isEmpty else { break }
        if let last, page[0].0.seq <= last.record.seq {
          check.problems.append("the records after \(last.record.seq) can't be read in their order")
          break
        }
        for (record, digest) in page {
          check.records += 1
          try check.link(record, digest, after: last)
          last = (record, digest)
        }
      }
      check.head = last.map { AuditHead(seq: $0.record.seq, digest: $0.digest) }
      try checkHeads(index, &check)
      return check
    }
  }

  private func checkHeads(_ index: Index, _ check: inout AuditCheck) throws {
    for number in try generations.numbers() {
      guard let record = try? generations.record(number) else {
        if try index.read({ try $0.generationDigest(number) }) != nil {
          check.problems.append("generation \(number) can't tell after which record it was built")
        }
        continue
      }
      guard let head = record.audit else { continue }
      let (digest, isKnown) = try index.read { transaction in
        (try transaction.auditDigest(seq: head.seq), try transaction.accounts(for: head))
      }
      guard !isKnown else { continue }
      check.problems.append(
        digest == nil
          ? "record \(head.seq) is missing: generation \(number) was built after it"
          : "record \(head.seq) is not the one that generation \(number) was built after")
    }
  }
}

extension AuditCheck {
  fileprivate mutating func link(
    _ record: AuditRecord, _ digest: Digest, after last: (record: AuditRecord, digest: Digest)?
  ) throws {
    if try Digest.sha256(of: record.digestedBytes) != digest {
      problems.append("record \(record.seq) was changed: its digest doesn't match")
    }
    let isNext = record.seq == (last?.record.seq ?? 0) + 1
    if !isNext, !record.kind.mayFollowGap {
      problems.append("records are missing before \(record.seq)")
    }
    // Behind a gap it follows a record that only a generation names; the heads are looked for below.
    if isNext || !record.kind.mayFollowGap, record.prev != last?.digest {
      problems.append("record \(record.seq) doesn't follow the one before it")
    }
    if let last, record.at <= last.record.at {
      problems.append("record \(record.seq) is not later than the one before it")
    }
  }
}
