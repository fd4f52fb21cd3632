import DurableFiles
import RegistryModel
import Synchronization

/// An operation's own folder under `staging/`, with a lock that dies with the process.
///
/// It is also the note that something is under way: a folder whose lock nobody holds tells the next opening
/// to sweep. `announce()` makes the note durable before the first name is given, and the folder goes last.
final class Operation: Sendable {
  static let lockName = "lock"

  let name: String
  let folder: Directory
  /// Asked between two pieces of whatever the operation copies or hashes.
  let meter: ProgressMeter
  private let store: Store
  private let lock: FileLock
  private let owesRows = Atomic<Bool>(false)

  init(
    _ verb: String, in store: Store, waitingAtMost milliseconds: Int64, meter: ProgressMeter = .unwatched
  ) throws {
    self.store = store
    self.meter = meter
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

  /// Makes the folder's own name durable. From here on names may be given that have no row yet.
  func announce() throws {
    owesRows.store(true, ordering: .relaxed)
    try store.staging.sync()
  }

  /// The same for an operation that flushes the whole file system at each step.
  func announce(flushing flush: () throws -> Void) throws {
    owesRows.store(true, ordering: .relaxed)
    try flush()
  }

  /// Says that every name that was given has its row.
  func conclude() { owesRows.store(false, ordering: .relaxed) }

  /// Frees what was staged, and removes the folder, unless names were given that have no row: then it stays, empty,
  /// and tells the next opening to look for them. What fails here goes with the next sweep.
  func finish() {
    if owesRows.load(ordering: .relaxed) {
      for entry in (try? folder.entries()) ?? [] where entry.name != Self.lockName {
        try? folder.removeTree(entry.name)
      }
    } else {
      try? store.staging.removeTree(name)
    }
    lock.release()
  }
}

/// What operations that died left under `staging/`: their folders, whose locks are held here, trash, and links.
struct Remains {
  private let store: Store
  private let dead: [(name: String, lock: FileLock?)]
  /// What was being removed; it has no lock of its own, `content` guards it.
  private let trash: [String]
  /// What a rollback was about to rename over `active`; `switch` guards it.
  private let links: [String]

  var isEmpty: Bool { dead.isEmpty && trash.isEmpty && links.isEmpty }

  init(in store: Store) throws {
    self.store = store
    let entries = try store.staging.entries()
    links = entries.filter { $0.kind != .directory }.map(\.name)
    let folders = entries.filter { $0.kind == .directory && !$0.name.hasPrefix("trash-") }.map(\.name)
    trash = entries.filter { $0.kind == .directory && $0.name.hasPrefix("trash-") }.map(\.name)
    guard !folders.isEmpty, let moment = try StoreLock.staging.tryAcquire(store, .exclusive) else {
      dead = []
      return
    }
    defer { moment.release() }
    dead = try folders.compactMap { name in
      guard let folder = try? store.staging.directory(name) else { return nil }  // gone meanwhile
      // Without a lock file it died while it was made or removed; on a full disk none can be made either.
      guard try folder.status(Operation.lockName) != nil else { return (name, nil) }
      // It removes its folder without asking who looks at it.
      let lock = try FileError.unlessMissing { () throws(FileError) in
        try FileLock.tryAcquire(Operation.lockName, in: folder, .exclusive)
      }
      return lock.map { (name, $0) }
    }
  }

  /// Removes the trash; the caller holds `content` exclusive.
  func removeTrash() throws {
    for name in trash { try store.staging.removeTree(name) }
  }

  /// Removes what is in the folders; they still tell that there is something to look for.
  func empty() throws {
    for (name, _) in dead {
      let folder = try FileError.unlessMissing { () throws(FileError) in try store.staging.directory(name) }
      let entries = try FileError.unlessMissing { () throws(FileError) in try folder?.entries() } ?? []
      for entry in entries where entry.name != Operation.lockName { try folder?.removeTree(entry.name) }
    }
  }

  /// Removes the rest. Only when nothing is left that they tell of: without the folder nobody looks for it.
  func remove() throws {
    for (name, lock) in dead {
      try store.staging.removeTree(name)
      lock?.release()
    }
    guard !links.isEmpty, let lock = try StoreLock.switch.tryAcquire(store, .exclusive) else { return }
    defer { lock.release() }
    for name in links { try store.staging.removeTree(name) }
  }
}
