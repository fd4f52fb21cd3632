import Foundation
import GRDB
import RegistryModel

extension Index {
  /// Runs `body` and turns SQLite's errors into ours.
  static func translating<T>(_ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw registryError(error)
    }
  }

  private static func registryError(_ error: DatabaseError) -> RegistryError {
    let detail = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return RegistryError(
        .busy, "the index is in use by another process", hint: "try again, or wait longer with --wait")
    case .SQLITE_FULL:
      return RegistryError(
        .noSpace, "the disk is full: the index can't be written",
        hint: "run `modelctl gc`, or free some space; rollback works without it")
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN, .SQLITE_AUTH:
      return RegistryError(
        .permission, "the index can't be opened or written: \(detail)",
        hint: "run as the user that owns the store, on a file system that is mounted for writing and has "
          + "room; the kernel's log tells of a disk that fails")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      return RegistryError(
        .integrity, "the index is damaged: \(detail)", unchanged: filesAreSafe, hint: lostHint)
    default:
      return RegistryError(
        .failed, "the index failed: \(detail) (\(error.extendedResultCode.rawValue))",
        unchanged: "the transaction was rolled back", hint: "run `modelctl doctor`")
    }
  }
}
