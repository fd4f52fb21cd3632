import Foundation
import GRDB
import RegistryModel

/// One transaction of the index. Its verbs are the extensions beside this file, by table.
///
/// The only thing that carries SQLite's connection, and it never outlives the closure that it is given to.
struct Transaction {
  let db: Database

  /// One statement; prepared once per connection, like every statement here.
  func execute(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?] = []) throws {
    try db.cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments))
  }

  func rows(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?] = []) throws -> [Row] {
    try Row.fetchAll(db.cachedStatement(sql: sql), arguments: StatementArguments(arguments))
  }

  func row(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?] = []) throws -> Row? {
    try Row.fetchOne(db.cachedStatement(sql: sql), arguments: StatementArguments(arguments))
  }

  func integer(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?] = []) throws -> Int64? {
    try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: StatementArguments(arguments))
  }

  func exists(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?] = []) throws -> Bool {
    try row(sql, arguments) != nil
  }
}

extension Digest {
  /// As the index stores it: 32 raw bytes.
  var data: Data { Data(bytes) }

  init(column row: Row, _ name: String) throws {
    guard let data: Data = row[name], let digest = Digest(bytes: data) else {
      throw Transaction.malformed(name)
    }
    self = digest
  }
}

extension Transaction {
  /// A value that our own constraints rule out: the file was changed by something else.
  static func malformed(_ column: String) -> RegistryError {
    RegistryError(
      .integrity, "the index holds a malformed value in \(column)", unchanged: Index.filesAreSafe,
      hint: Index.lostHint)
  }

  static func stored<T>(_ column: String, _ parse: () throws -> T) throws -> T {
    do { return try parse() } catch { throw malformed(column) }
  }
}
