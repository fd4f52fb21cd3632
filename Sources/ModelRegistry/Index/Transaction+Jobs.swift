import GRDB
import RegistryModel

/// A row of the embedded job store.
struct JobRow: Hashable, Sendable {
  let id: String
  let revision: Int64
  let createdAt: Timestamp
  let changedAt: Timestamp
  let document: String
}

extension Transaction {
  private static let columns = "job, revision, created_at, changed_at, document"

  func job(_ id: JobID) throws -> JobRow? {
    try row("SELECT \(Self.columns) FROM training_jobs WHERE job = ?", [id.text]).map(job)
  }

  /// Makes a row; false, and nothing changed, where there is one.
  func insertJob(_ job: TrainingJob, at now: Timestamp) throws -> Bool {
    guard try self.job(job.id) == nil else { return false }
    try execute(
      """
      INSERT INTO training_jobs (job, robot, status, revision, created_at, changed_at, document)
      VALUES (?, ?, ?, 1, ?, ?, ?)
      """,
      [
        job.id.text, job.robot.text, job.status.rawValue, job.createdAt.milliseconds, now.milliseconds,
        job.json.canonicalText,
      ])
    return true
  }

  /// Puts a job in the place of this very revision; false, and nothing changed, where another stands there.
  func replaceJob(_ job: TrainingJob, revision: Int64, at now: Timestamp) throws -> Bool {
    try execute(
      """
      UPDATE training_jobs
      SET status = ?, revision = revision + 1, changed_at = max(changed_at, ?), document = ?
      WHERE job = ? AND revision = ?
      """, [job.status.rawValue, now.milliseconds, job.json.canonicalText, job.id.text, revision])
    return db.changesCount == 1
  }

  /// Newest first, behind the job that `after` names by its time and name.
  func jobs(_ query: JobQuery, after: (createdAt: Int64, job: String)?, limit: Int) throws -> [JobRow] {
    let (time, name) = (after?.createdAt ?? .max, after?.job ?? "")
    let behind = "(created_at, job) < (?, ?) ORDER BY created_at DESC, job DESC LIMIT ?"
    let rows =
      switch (query.robot?.text, query.status?.rawValue) {
      case (nil, nil):
        try rows("SELECT \(Self.columns) FROM training_jobs WHERE \(behind)", [time, name, limit])
      case (let robot?, nil):
        try rows(
          "SELECT \(Self.columns) FROM training_jobs WHERE robot = ? AND \(behind)",
          [robot, time, name, limit])
      case (nil, let status?):
        try rows(
          "SELECT \(Self.columns) FROM training_jobs WHERE status = ? AND \(behind)",
          [status, time, name, limit])
      case (let robot?, let status?):
        try rows(
          "SELECT \(Self.columns) FROM training_jobs WHERE robot = ? AND status = ? AND \(behind)",
          [robot, status, time, name, limit])
      }
    return try rows.map(job)
  }

  private func job(_ row: Row) throws -> JobRow {
    JobRow(
      id: row["job"], revision: row["revision"], createdAt: Timestamp(milliseconds: row["created_at"]),
      changedAt: Timestamp(milliseconds: row["changed_at"]), document: row["document"])
  }

  // MARK: Results

  /// The version that was installed for a job; nil where none was.
  func installedResult(of job: JobID) throws -> Digest? {
    try row("SELECT digest FROM installed_jobs WHERE job = ?", [job.text]).map {
      try Digest(column: $0, "digest")
    }
  }

  func noteInstalled(_ job: JobID, _ version: VersionID, _ digest: Digest, at now: Timestamp) throws {
    try execute(
      "INSERT OR IGNORE INTO installed_jobs (job, version, digest, at) VALUES (?, ?, ?, ?)",
      [job.text, version.description, digest.data, now.milliseconds])
  }

  // MARK: Events

  /// Notes an event; false where it was noted before.
  func noteEvent(bucket: String, object: String, generation: String, at now: Timestamp) throws -> Bool {
    try execute(
      "INSERT OR IGNORE INTO seen_events (bucket, object, generation, at) VALUES (?, ?, ?, ?)",
      [bucket, object, generation, now.milliseconds])
    return db.changesCount == 1
  }

  func forgetEvent(bucket: String, object: String, generation: String) throws {
    try execute(
      "DELETE FROM seen_events WHERE bucket = ? AND object = ? AND generation = ?",
      [bucket, object, generation])
  }

  func forgetEvents(before time: Timestamp) throws {
    try execute("DELETE FROM seen_events WHERE at < ?", [time.milliseconds])
  }
}
