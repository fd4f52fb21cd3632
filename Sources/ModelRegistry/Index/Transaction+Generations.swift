import Foundation
import GRDB
import RegistryModel

/// What a new generation's row holds.
struct NewGeneration {
  let number: Int
  let digest: Digest
  let set: GenerationSet
  let setDigest: Digest
  let fallback: Int?
  let isConfirmed: Bool
  let trial: Trial
}

extension Transaction {
  /// Adds the row, pending until the link is seen at it.
  func insertGeneration(_ generation: NewGeneration, at now: Timestamp) throws {
    try execute(
      """
      INSERT INTO generations (number, digest, set_digest, fallback, confirmed, state, attempts, deadline_ms,
        boot_id, uptime_ms, built_at) VALUES (?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?)
      """,
      [
        generation.number, generation.digest.data, generation.setDigest.data, generation.fallback,
        generation.isConfirmed ? 1 : 0, generation.trial.policy.attempts,
        generation.trial.policy.deadlineMilliseconds, generation.trial.started.bootID,
        generation.trial.started.uptimeMilliseconds, now.milliseconds,
      ])
    for member in generation.set.sorted {
      try execute(
        "INSERT INTO members (generation, adapter, version, digest) VALUES (?, ?, ?, ?)",
        [generation.number, member.version.adapter.text, member.version.description, member.digest.data])
    }
  }

  /// The ledger that the rules need: rows from `lowest` on, pending ones, the link's and the newest.
  func ledger(from lowest: Int) throws -> SwitchView.Ledger {
    let link = try integer("SELECT link FROM head WHERE id = 1").map(Int.init)
    let found = try rows(
      """
      SELECT number, fallback, confirmed, state FROM generations
      WHERE number >= ?1 OR number = ?2 OR number = (SELECT max(number) FROM generations)
      UNION SELECT number, fallback, confirmed, state FROM generations WHERE state = 'pending'
      """, [lowest, link])
    var ledger = SwitchView.Ledger(rows: [:], link: link)
    for row in found {
      let number: Int = row["number"]
      ledger.rows[number] = SwitchView.Row(
        number: number, set: try set(of: number), fallback: row["fallback"],
        isConfirmed: row["confirmed"] == 1,
        state: try Self.stored("generations.state") { try rowState(row["state"]) })
    }
    return ledger
  }

  private func rowState(_ text: String) throws -> SwitchView.RowState {
    guard let state = SwitchView.RowState(rawValue: text) else { throw Self.malformed("generations.state") }
    return state
  }

  func set(of generation: Int) throws -> GenerationSet {
    let members = try rows("SELECT version, digest FROM members WHERE generation = ?", [generation])
    return GenerationSet(
      try members.map { row in
        GenerationSet.Member(
          version: try Self.stored("members.version") { try VersionID(parsing: row["version"]) },
          digest: try Digest(column: row, "digest"))
      })
  }

  /// The digest that `generation.json` had when it was written.
  func generationDigest(_ number: Int) throws -> Digest? {
    try row("SELECT digest FROM generations WHERE number = ?", [number]).map {
      try Digest(column: $0, "digest")
    }
  }

  /// Whether this set was confirmed in a generation that the link reached.
  func wasConfirmed(setDigest: Digest) throws -> Bool {
    try exists(
      """
      SELECT 1 FROM generations
      WHERE set_digest = ? AND confirmed = 1 AND state <> 'abandoned' LIMIT 1
      """, [setDigest.data])
  }

  func setState(_ number: Int, _ state: SwitchView.RowState) throws {
    try execute("UPDATE generations SET state = ? WHERE number = ?", [state.rawValue, number])
  }

  func setConfirmed(_ number: Int) throws {
    try execute("UPDATE generations SET confirmed = 1 WHERE number = ?", [number])
  }

  func isConfirmed(_ number: Int) throws -> Bool {
    try exists("SELECT 1 FROM generations WHERE number = ? AND confirmed = 1", [number])
  }

  func setLink(_ generation: Int?) throws {
    try execute("UPDATE head SET link = ? WHERE id = 1", [generation])
  }

  /// Writes a page as it is, so that this transaction is a commit.
  ///
  /// One whose flush failed is whole behind the end of SQLite's log, where nobody sees it as long as the log's shared memory lives:
  /// a power cut takes that, and then it counts. This one takes its place. Whoever removes what no row names needs that first.
  func overtakeFailedCommit() throws {
    // A row that is set to what it is leaves its page alone; what a pragma sets doesn't.
    try execute("PRAGMA application_id = \(Index.applicationID)", [])
  }

  func trial(of number: Int) throws -> Trial? {
    let found = try row(
      "SELECT attempts, deadline_ms, boot_id, uptime_ms, counted FROM generations WHERE number = ?", [number])
    guard let found else { return nil }
    let attempts = try rows(
      "SELECT boot_id, uptime_ms FROM attempts WHERE generation = ? ORDER BY ordinal", [number]
    ).map { Trial.Moment(bootID: $0["boot_id"], uptimeMilliseconds: $0["uptime_ms"]) }
    return Trial(
      policy: TrialPolicy(attempts: found["attempts"], deadlineMilliseconds: found["deadline_ms"]),
      started: Trial.Moment(bootID: found["boot_id"], uptimeMilliseconds: found["uptime_ms"]),
      attempts: found["counted"] == 1 ? attempts : nil)
  }

  /// Begins the trial again: all attempts, counted from now.
  func beginTrial(of number: Int, _ moment: Trial.Moment) throws {
    try execute("DELETE FROM attempts WHERE generation = ?", [number])
    try execute(
      "UPDATE generations SET boot_id = ?, uptime_ms = ?, counted = 1 WHERE number = ?",
      [moment.bootID, moment.uptimeMilliseconds, number])
  }

  /// Says that nobody knows how many attempts were spent: the index that counted them is lost.
  func forgetAttempts(of number: Int) throws {
    try execute("UPDATE generations SET counted = 0 WHERE number = ?", [number])
  }

  /// Records that this boot may load the generation.
  func insertAttempt(_ number: Int, _ moment: Trial.Moment, at now: Timestamp) throws {
    try execute(
      """
      INSERT INTO attempts (generation, ordinal, boot_id, uptime_ms, at)
      SELECT ?1, 1 + coalesce(max(ordinal), 0), ?2, ?3, ?4 FROM attempts WHERE generation = ?1
      """, [number, moment.bootID, moment.uptimeMilliseconds, now.milliseconds])
  }
}
