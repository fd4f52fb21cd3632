import DurableFiles
import RegistryModel

/// An operation's own folder under `staging/`, with a lock that dies with the process.
///
/// It is also the note that something is under way: a folder whose lock nobody holds tells the next opening
/// to sweep. `announce()` makes the note durable before the first name is given.
final class Operation: Sendable {
  private static let lockName = "lock"

  let name: String
  let folder: Directory
  private let store: Store
  private let lock: FileLock

  init(_ verb: String, in store: Store, waitingAtMost milliseconds: Int64) throws {
    self.store = store
    let moment = try StoreLock.staging.acquire(store, .shared, waitingAtMost: milliseconds)
    defer { moment.release() }
    name = "\(verb)-\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
    try store.staging.makeDirectory(name)
    folder = try store.staging.directory(name)
    guard let lock = try FileLock.tryAcquire(Self.lockName, in: folder, .exclusive) else {
      throw RegistryError(.failed, "a new staging folder is locked already", hint: "run the command again")
    }
    self.lock = lock
  }

  /// Makes the folder's own name durable.
  func announce() throws { try store.staging.sync() }

  /// Removes the folder; what is left of it after a failure here goes with the next sweep.
  func finish() {
    try? store.staging.removeTree(name)
    lock.release()
  }

  /// Removes folders of operations that died; true when there were any.
  static func sweep(_ store: Store) throws -> Bool {
    let names = try store.staging.entries().map(\.name)
    guard !names.isEmpty, let moment = try StoreLock.staging.tryAcquire(store, .exclusive) else {
      return false
    }
    var dead: [(String, FileLock?)] = []
    for name in names {
      guard let folder = try? store.staging.directory(name) else {
        dead.append((name, nil))  // a link that a rollback left behind
        continue
      }
      if let lock = try FileLock.tryAcquire(lockName, in: folder, .exclusive) { dead.append((name, lock)) }
    }
    moment.release()
    for (name, lock) in dead {
      try store.staging.removeTree(name)
      lock?.release()
    }
    return !dead.isEmpty
  }
}
