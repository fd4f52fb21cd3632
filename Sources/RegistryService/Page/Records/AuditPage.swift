import RegistryModel

/// The record of everything that changed, newest first.
struct AuditPage: Sendable {
  struct Row: Hashable, Sendable {
    let number: String
    let at: Moment?
    let kind: String
    let subject: String
    let change: String?
    let by: String
    let reason: String?
  }

  let frame: PageFrame
  let rows: [Row]
  let next: String?
  let first: String?
  /// What a check of the chain says, where it was asked for.
  let check: Check?

  struct Check: Hashable, Sendable {
    let badge: Badge
    let text: String
    let problems: [String]

    /// - Parameter document: `/api/audit/verify`.
    init(_ document: JSONValue) {
      problems = document.texts("problems")
      badge = problems.isEmpty ? Badge("intact", .good) : Badge("broken", .bad)
      text = "\(Shown.count(document.whole("records") ?? 0, "record")) read"
    }
  }

  /// - Parameters:
  ///   - records: as `/api/audit` has them, newest first.
  ///   - older: the number that the records of the next page lie below; nil at the end.
  init(
    _ frame: PageFrame, _ records: [JSONValue], older: Int64?, isFirst: Bool, check: JSONValue? = nil,
    now: Timestamp
  ) {
    self.frame = frame
    rows = records.map { Row($0, now: now) }
    next = older.map { PagePath.with("/audit", ["below": "\($0)"]) }
    first = isFirst ? nil : "/audit"
    self.check = check.map(Check.init)
  }
}

extension AuditPage.Row {
  init(_ record: JSONValue, now: Timestamp) {
    number = record.whole("seq").map { "\($0)" } ?? ""
    at = record.moment("at", now: now)
    kind = record.text("kind") ?? ""
    subject = record.text("subject") ?? ""
    by = record.text("by") ?? ""
    reason = record.text("reason")
    change =
      switch (record.text("from"), record.text("to")) {
      case (nil, nil): nil
      case (let from?, nil): "from \(from)"
      case (nil, let to?): "to \(to)"
      case (let from?, let to?): "from \(from) to \(to)"
      }
  }
}
