import RegistryModel

/// One entry of the history in a line.
struct SwitchRow: Hashable, Sendable {
  let at: Moment?
  let badge: Badge
  let from: String
  let to: String
  let members: [Link]
  let by: String
  let reason: String?
  /// What became of it, where that isn't what its kind says.
  let remark: String?

  init(_ entry: JSONValue, now: Timestamp) {
    at = entry.moment("at", now: now)
    let kind = entry.text("kind") ?? ""
    badge = Self.badge(kind)
    from = entry.whole("from").map { "\($0)" } ?? "—"
    to = entry.whole("generation").map { "\($0)" } ?? "—"
    members = (entry["set"]?.sorted ?? []).compactMap { $0.value.text("version").map(Link.version) }
    by = entry.text("by") ?? ""
    reason = entry.text("reason")
    remark =
      switch entry.text("state") {
      case "pending": "not seen in place yet"
      case "abandoned": "never got into place"
      default: nil
      }
  }

  private static func badge(_ kind: String) -> Badge {
    switch kind {
    case "activate": Badge("activated", .info)
    case "deactivate": Badge("deactivated", .plain)
    case "rollback": Badge("rolled back", .warn)
    case "revert": Badge("reverted", .bad)
    case "recovered": Badge("recovered", .warn)
    case "refused": Badge("refused", .bad)
    default: Badge(kind)
    }
  }
}
