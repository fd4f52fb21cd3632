import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

/// What the world does to a store behind the program's back.
extension CommandStore {
  /// Changes one byte of a version's weights.
  func damage(_ version: String) throws {
    let path = "\(root)/versions/\(version)/lora_adapters.npz"
    try #require(chmod(path, 0o644) == 0)
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var byte: UInt8 = 0
    try #require(pread(descriptor, &byte, 1, 3) == 1)
    byte ^= 1
    try #require(pwrite(descriptor, &byte, 1, 3) == 1)
  }

  /// Runs SQL on the index with Python's own SQLite.
  func sqlite(_ sql: String) throws {
    let script = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])"
    let outcome = try Program.run(["python3", "-c", script, "\(root)/registry.db", sql])
    try #require(outcome.code == 0, "\(outcome.err)")
  }

  /// Takes the index away: `nil`; or puts other bytes in its place.
  func loseIndex(_ bytes: [UInt8]? = nil) throws {
    for suffix in ["", "-wal", "-shm"] { unlink("\(root)/registry.db\(suffix)") }
    if let bytes { try Data(bytes).write(to: URL(filePath: "\(root)/registry.db")) }
  }
}

/// A lock that a test holds as another process would: on an open file description.
final class HeldLock {
  private let descriptor: Int32

  init(_ store: CommandStore, _ name: String) throws {
    descriptor = open("\(store.root)/locks/\(name)", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    try #require(descriptor >= 0)
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    let setOpenFileLock: Int32 = 37  // F_OFD_SETLK, which Glibc's module doesn't show
    try #require(fcntl(descriptor, setOpenFileLock, &lock) == 0)
  }

  func release() { close(descriptor) }
}
