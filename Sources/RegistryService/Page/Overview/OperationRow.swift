import RegistryModel

/// Long work in a line: what it is, and how far.
struct OperationRow: Hashable, Sendable {
  let id: String
  let path: String
  let kind: String
  let subject: String
  let by: String
  let badge: Badge
  let isUnderWay: Bool
  /// From 0 to 100; nil where nobody knows how much there is.
  let percent: Int64?
  let progress: String
  let created: Moment?
  let problem: String?

  init(_ operation: JSONValue, now: Timestamp) {
    id = operation.text("id") ?? ""
    path = PagePath.operation(id)
    kind = operation.text("kind") ?? "work"
    subject = operation.texts("subject").joined(separator: ", ")
    by = operation.text("by") ?? ""
    let state = operation.text("state") ?? ""
    badge =
      switch state {
      case "waiting": Badge("waiting", .plain)
      case "running": Badge("running", .info)
      case "done": Badge("done", .good)
      case "failed": Badge("failed", .bad)
      case "cancelled": Badge("cancelled", .warn)
      default: Badge(state)
      }
    isUnderWay = state == "waiting" || state == "running"
    let done = operation["progress"]?.whole("done_bytes") ?? 0
    let total = operation["progress"]?.whole("total_bytes") ?? 0
    percent = total > 0 ? Shown.percent(done, of: total) : nil
    progress = total > 0 ? "\(Shown.bytes(done)) of \(Shown.bytes(total))" : ""
    created = operation.moment("created_at", now: now)
    problem = operation["error"]?.text("message")
  }
}
