import Glibc
import Synchronization

// A runtime that loads from a generation leases its directory, and whoever removes generations must own it alone.
// Nothing here changes the disk.

extension Directory {
  /// Leases this directory together with others (flock); false when somebody holds it alone.
  ///
  /// The lease belongs to this object and ends with it, with ``unlease()``, or with the process. Afterwards look
  /// whether the directory is still there: ``ownStatus()`` has no links once it was removed. Changing a lease of this
  /// object from shared to exclusive or back isn't atomic, and when it is refused nothing is held.
  public func leaseShared() -> Bool { lease(LOCK_SH) }

  /// Leases this directory alone, without waiting; false when anybody else leases it, or it can't be known.
  public func leaseExclusive() -> Bool { lease(LOCK_EX) }

  /// Ends this object's lease; without one it does nothing.
  public func unlease() {
    // Also before the descriptor is closed: a child forked meanwhile holds the same lease until it executes.
    isLeased.store(false, ordering: .releasing)
    _ = flock(descriptor, LOCK_UN)
  }

  private func lease(_ kind: Int32) -> Bool {
    isLeased.store(true, ordering: .releasing)
    return flock(descriptor, kind | LOCK_NB) == 0
  }
}
