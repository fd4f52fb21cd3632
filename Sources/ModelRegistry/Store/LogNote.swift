import DurableFiles

/// How far SQLite's log is known to be flushed: the note `locks/flushed`, `BOOT INODE STATE`.
///
/// Whoever opens the index first takes what the last process wrote into the log for committed, also where that one was killed
/// before it had flushed it (docs/decisions/0027). So an opening flushes the log, unless the note says that just this was.
///
/// STATE is ``Index/logState()``: how many frames count, the checksum over all of them, and the salts of this log. Other
/// connections see a commit there only once it is flushed. The note is never synced: without it the log is flushed once
/// more.
struct LogNote: Sendable {
  private static let name = "flushed"
  private static let log = "registry.db-wal"

  let root: Directory
  let locks: Directory
  let bootID: String

  /// Makes durable what a connection that has read the index believes.
  func makeDurable(_ state: [UInt8]?) throws {
    guard let status = try root.status(Self.log), status.size > 0 else { return }
    let line = state.map { text(of: status, $0) }
    if let line, locks.readNote(Self.name) == line { return }
    try root.syncData(of: Self.log)
    if let line { try? locks.writeNote(Self.name, line) }
  }

  /// Notes that the log is flushed, as it is after a commit.
  func commitReturned(_ state: [UInt8]?) {
    guard let state, let status = try? root.status(Self.log) else { return }
    try? locks.writeNote(Self.name, text(of: status, state))
  }

  private func text(of log: FileStatus, _ state: [UInt8]) -> String {
    let digits = state.map { byte in byte < 16 ? "0\(String(byte, radix: 16))" : String(byte, radix: 16) }
    return "\(bootID) \(log.inode) \(digits.joined())"
  }
}
