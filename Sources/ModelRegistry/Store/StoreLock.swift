import DurableFiles
import RegistryModel

/// The locks of a store, in the order in which they may be taken together (`docs/format.md`, "Locks").
enum StoreLock: String, CaseIterable {
  /// Held by each process that has the index open (shared); exclusive while a store is made.
  case open
  /// Exclusive for a round of sync: two would bring the same versions.
  case sync
  /// Exclusive for a scrub: two would read the same bytes.
  case scrub
  /// Held for a moment while an operation makes its folder and lock, so that a sweep can't take it for dead.
  case staging
  /// Shared from the first blob's name to the commit; exclusive for removals.
  case content
  /// Exclusive from the choice of a version's number to its row.
  case names
  /// Exclusive while a token is made or revoked; nothing but the index is waited for under it.
  case tokens
  /// Exclusive for everything that moves the link.
  case `switch`
  /// Exclusive for the only checkpointer.
  case checkpoint

  /// Takes the lock, waiting up to `milliseconds` for others; `busy` after that.
  func acquire(_ store: Store, _ mode: FileLock.Mode, waitingAtMost milliseconds: Int64) throws -> FileLock {
    let lock = try FileLock.acquire(rawValue, in: store.locks, mode, waitingAtMost: milliseconds)
    guard let lock else {
      throw RegistryError(
        .busy, "another process holds the lock `\(rawValue)` of \(store.path)",
        hint: "try again, or wait longer with --wait")
    }
    return lock
  }

  /// Takes the lock if it is free.
  func tryAcquire(_ store: Store, _ mode: FileLock.Mode) throws -> FileLock? {
    try FileLock.tryAcquire(rawValue, in: store.locks, mode)
  }
}
