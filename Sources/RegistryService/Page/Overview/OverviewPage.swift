import RegistryModel

/// What runs, the trial, what is wrong, and what is under way.
struct OverviewPage: Sendable {
  /// A number that matters, and where there is more of it.
  struct Tile: Hashable, Sendable {
    let name: String
    let value: String
    let detail: String
    let path: String
  }

  /// What the page is made from.
  struct Source: Sendable {
    /// `/api/status`.
    var status: JSONValue
    /// `/api/history`, newest first.
    var switches: [JSONValue] = []
    /// `/api/operations`, newest first.
    var operations: [JSONValue] = []
    /// Until the trial's deadline; nil where it has none, or nobody knows.
    var millisecondsLeft: Int64?
  }

  let frame: PageFrame
  let running: RunningSet?
  let trial: TrialCard?
  let wayBack: WayBackCard?
  let isNew: Bool
  let problems: [String]
  let operations: [OperationRow]
  let tiles: [Tile]
  let switches: [SwitchRow]
  let hasSwitches: Bool

  init(_ frame: PageFrame, _ source: Source, now: Timestamp) {
    self.frame = frame
    let status = source.status
    let active = status.part("active")
    running = active.map { RunningSet($0, source.switches, now: now) }
    let fallback = WayBackCard(status, source.switches)
    let isOnTrial = active?.text("state") == "trial"
    trial = isOnTrial ? TrialCard(status, millisecondsLeft: source.millisecondsLeft, fallback) : nil
    wayBack = isOnTrial ? nil : fallback
    isNew = active == nil && status.whole("versions") == 0
    problems = status.texts("problems")
    operations = source.operations.filter(Self.isOfInterest).prefix(8).map { OperationRow($0, now: now) }
    tiles = Self.tiles(status, now: now)
    switches = source.switches.prefix(6).map { SwitchRow($0, now: now) }
    hasSwitches = !switches.isEmpty
  }

  /// What goes on, and what went wrong; the rest is somewhere else.
  private static func isOfInterest(_ operation: JSONValue) -> Bool {
    ["waiting", "running", "failed"].contains(operation.text("state"))
  }

  private static func tiles(_ status: JSONValue, now: Timestamp) -> [Tile] {
    let remote = status.part("remote")
    let synced = remote?.moment("synced_at", now: now)
    let waiting = Int64(remote?.list("waiting").count ?? 0)
    return [
      Tile(
        name: "Versions", value: status.whole("versions").map(Shown.grouped) ?? "unknown",
        detail: status.whole("installed").map { "\(Shown.grouped($0)) installed" }
          ?? "the index can't be read",
        path: "/versions"),
      Tile(
        name: "Stored", value: status.whole("blob_bytes").map(Shown.bytes) ?? "unknown",
        detail: status.whole("blobs").map { Shown.count($0, "blob") } ?? "the index can't be read",
        path: "/storage"),
      Tile(
        name: "Free", value: status.whole("free_bytes").map(Shown.bytes) ?? "unknown",
        detail: status.holds("reserve") ? "the reserve is there" : "the reserve is used up", path: "/storage"),
      Tile(
        name: "Last sync", value: remote?.text("uri") == nil ? "no remote" : synced?.ago ?? "never",
        detail: remote?.text("uri") == nil
          ? "versions stay here"
          : waiting > 0 ? "\(Shown.count(waiting, "version")) to send" : "nothing waits",
        path: "/storage"),
    ]
  }
}
