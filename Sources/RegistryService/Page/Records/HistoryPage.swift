import RegistryModel

/// Switches and refusals, newest first.
struct HistoryPage: Sendable {
  let frame: PageFrame
  let switches: [SwitchRow]
  let hasSwitches: Bool
  let adapter: String
  let isFiltered: Bool
  let next: String?
  /// Whether this is a page behind the first one.
  let first: String?

  /// - Parameter history: `/api/history`.
  init(_ frame: PageFrame, _ history: JSONValue, adapter: String?, isFirst: Bool, now: Timestamp) {
    self.frame = frame
    switches = history.list("switches").map { SwitchRow($0, now: now) }
    hasSwitches = !switches.isEmpty
    self.adapter = adapter ?? ""
    isFiltered = adapter != nil
    next = history.text("next").map { PagePath.with("/history", ["adapter": adapter, "after": $0]) }
    first = isFirst ? nil : PagePath.with("/history", ["adapter": adapter])
  }
}
