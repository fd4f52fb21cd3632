import GRDB
import RegistryModel

extension Transaction {
  /// Adds an entry; everything but a refusal gets the next switch number, which is returned.
  @discardableResult
  func insertHistory(
    _ kind: HistoryEntry.Kind, generation: Int?, previous: Int?, state: HistoryEntry.State, reason: String?,
    by: String, at: Timestamp, changes: [HistoryChange]
  ) throws -> Int64? {
    let number: Int64? =
      kind == .refused ? nil : 1 + (try integer("SELECT max(switch) FROM history") ?? 0)
    try execute(
      """
      INSERT INTO history (switch, generation, previous, at, by, kind, reason, state)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [number, generation, previous, at.milliseconds, by, kind.rawValue, reason, state.rawValue])
    let entry = db.lastInsertedRowID
    for change in changes {
      try execute(
        "INSERT OR REPLACE INTO history_changes (adapter, entry, before, after) VALUES (?, ?, ?, ?)",
        [change.adapter.text, entry, change.before?.description, change.after?.description])
    }
    return number
  }

  /// Ends the pending entry of `generation`.
  func endPending(_ generation: Int, _ state: HistoryEntry.State) throws {
    try execute(
      "UPDATE history SET state = ? WHERE generation = ? AND state = 'pending'", [state.rawValue, generation])
  }

  /// The entries before `before`, newest first.
  func history(of adapter: AdapterName?, before: Int64?, limit: Int) throws -> [HistoryEntry] {
    let columns = "h.id, h.switch, h.generation, h.previous, h.at, h.by, h.kind, h.reason, h.state"
    let before = before ?? Int64.max
    let found =
      if let adapter {
        try rows(
          """
          SELECT \(columns) FROM history_changes c JOIN history h ON h.id = c.entry
          WHERE c.adapter = ? AND c.entry < ? ORDER BY c.entry DESC LIMIT ?
          """, [adapter.text, before, limit])
      } else {
        try rows(
          "SELECT \(columns) FROM history h WHERE h.id < ? ORDER BY h.id DESC LIMIT ?", [before, limit])
      }
    return try found.map(entry)
  }

  /// The switch that was in force at `time`: the last one done by then.
  func switchInForce(at time: Timestamp) throws -> HistoryEntry? {
    try row(
      """
      SELECT id, switch, generation, previous, at, by, kind, reason, state FROM history
      WHERE at <= ? AND state = 'done' ORDER BY at DESC, id DESC LIMIT 1
      """, [time.milliseconds]
    ).map(entry)
  }

  /// The newest switch, which may not be settled yet.
  func lastSwitch() throws -> HistoryEntry? {
    try row(
      """
      SELECT id, switch, generation, previous, at, by, kind, reason, state FROM history
      WHERE switch = (SELECT max(switch) FROM history)
      """
    ).map(entry)
  }

  /// What `adapter` had before the last switch that changed it; nil when none did, or it had nothing.
  func versionBeforeLastSwitch(of adapter: AdapterName) throws -> VersionID? {
    let found = try row(
      """
      SELECT c.before FROM history_changes c JOIN history h ON h.id = c.entry
      WHERE c.adapter = ? AND h.state = 'done' ORDER BY c.entry DESC LIMIT 1
      """, [adapter.text])
    guard let text: String = found?["before"] else { return nil }
    return try Self.stored("history_changes.before") { try VersionID(parsing: text) }
  }

  private func entry(_ row: Row) throws -> HistoryEntry {
    guard let kind = HistoryEntry.Kind(rawValue: row["kind"]),
      let state = HistoryEntry.State(rawValue: row["state"])
    else { throw Self.malformed("history.kind") }
    let generation: Int? = row["generation"]
    return HistoryEntry(
      id: row["id"], switchNumber: row["switch"], generation: generation, previous: row["previous"],
      at: Timestamp(milliseconds: row["at"]), by: row["by"], kind: kind, reason: row["reason"], state: state,
      set: try generation.map { try set(of: $0) } ?? GenerationSet())
  }
}

/// What a switch, or a refused one, means for one adapter.
struct HistoryChange: Hashable, Sendable {
  let adapter: AdapterName
  let before: VersionID?
  let after: VersionID?

  /// The adapters in which two sets differ.
  static func between(_ before: GenerationSet, _ after: GenerationSet) -> [HistoryChange] {
    Set(before.members.keys).union(after.members.keys).sorted().compactMap { adapter in
      guard before[adapter]?.digest != after[adapter]?.digest else { return nil }
      return HistoryChange(adapter: adapter, before: before[adapter]?.version, after: after[adapter]?.version)
    }
  }
}
