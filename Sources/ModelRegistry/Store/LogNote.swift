import DurableFiles

/// How far SQLite's log is known to be flushed: the note `locks/flushed`, `BOOT INODE STATE`.
///
/// Whoever opens the index first takes what the last process wrote into the log for committed, also where that one was killed
/// before it had flushed it (docs/decisions/0027). So an opening flushes the log, unless the note says that just this was.
///
/// STATE is bytes 16 to 39 of the header of the log's index, `registry.db-shm`: how many frames count, the checksum over all of
/// them, and the salts of this log (https://www.sqlite.org/walformat.html, "The WAL-Index Header"). Other connections see a
/// commit there only once it is flushed. The note is never synced: without it the log is flushed once more.
struct LogNote: Sendable {
  private static let name = "flushed"
  private static let log = "registry.db-wal"
  private static let headerBytes = 48

  let root: Directory
  let locks: Directory
  let bootID: String

  /// Makes durable what a connection that has read the index believes.
  func makeDurable() throws {
    guard let status = try root.status(Self.log), status.size > 0 else { return }
    let line = line(of: status)
    if let line, locks.readNote(Self.name) == line { return }
    try root.syncData(of: Self.log)
    if let line { try? locks.writeNote(Self.name, line) }
  }

  /// Notes that the log is flushed, as it is after a commit.
  func commitReturned() {
    guard let status = try? root.status(Self.log), let line = line(of: status) else { return }
    try? locks.writeNote(Self.name, line)
  }

  /// Nil while another process changes the header.
  private func line(of log: FileStatus) -> String? {
    var header = [UInt8](repeating: 0, count: 2 * Self.headerBytes)
    let count = try? header.withUnsafeMutableBytes {
      try root.openFile("registry.db-shm").read(at: 0, into: $0)
    }
    guard count == header.count, header[..<Self.headerBytes] == header[Self.headerBytes...] else {
      return nil
    }
    let state = header[16..<40].map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0\(digits)" : digits
    }
    return "\(bootID) \(log.inode) \(state.joined())"
  }
}
