import DurableFiles
import Foundation
import GRDB
import RegistryModel

extension Index {
  /// Writes a consistent copy of the index to `path`, one file; nothing is there yet. The caller makes it durable.
  func copy(to path: String) throws {
    try Self.translating {
      let target = try DatabaseQueue(path: path)
      try queue.backup(to: target)
      // The copy remembers that it comes from a database with a log: without this it would get one when it is read.
      try target.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode=DELETE") }
      try target.close()
    }
  }

  /// Puts everything of `source` in the place of what is here, in one transaction; durable when it returns.
  ///
  /// Other processes that have the index open see either the old or the new content.
  func replaceContent(with source: Index) throws {
    try Failpoint.reach("commit replaced index", needsSpace: true)
    try Self.translating { try source.queue.backup(to: queue) }
    try Failpoint.reach("index replaced")
  }

  /// Ends the use of an index that was only in the making.
  func close() throws { try Self.translating { try queue.close() } }

  /// Whether an index of any schema has a record of the audit, the last thing of its making.
  static func hasRecord(at path: String) -> Bool {
    var configuration = GRDB.Configuration()
    configuration.readonly = true
    guard let queue = try? DatabaseQueue(path: path, configuration: configuration) else { return false }
    return (try? queue.read { try Int.fetchOne($0, sql: "SELECT 1 FROM audit LIMIT 1") }) == 1
  }

  /// Whether the file at `path` is a copy of an index: a sound database with our mark.
  static func isCopy(at path: String) -> Bool {
    var configuration = GRDB.Configuration()
    configuration.readonly = true
    guard let queue = try? DatabaseQueue(path: path, configuration: configuration) else { return false }
    let id = try? queue.read { try Int.fetchOne($0, sql: "PRAGMA application_id") }
    return id == applicationID
  }
}
