import Foundation
import GRDB
public import ModelRegistry

extension StoreFixture {
  /// Writes the manifest of an archive; its digest and its episodes' follow from their names.
  public func archive(_ name: String, episodes: [String]) throws -> String {
    let list = episodes.map { #"{"id":"\#($0)","sha256":"\#(Self.hex($0))","steps":22,"bytes":1024}"# }
    return try scratch.write(
      "\(name).json",
      #"{"archive":"sha256:\#(Self.hex(name))","size":4096,"robot":"robot_001","created":null,"episodes":[\#(list.joined(separator: ","))]}"#
    )
  }

  public static func digest(_ name: String) -> Digest { try! Digest(parsing: "sha256:\(hex(name))") }

  /// 64 digits that differ for different short names.
  private static func hex(_ name: String) -> String {
    let digits = name.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return String((digits + String(repeating: "0", count: 64)).prefix(64))
  }

  /// Changes rows behind the library's back.
  public func tamper(_ sql: String...) throws {
    let queue = try DatabaseQueue(path: "\(root)/registry.db")
    try queue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA foreign_keys=OFF")
      try db.inTransaction {
        for statement in sql { try db.execute(sql: statement) }
        return .commit
      }
    }
    try queue.close()
  }
}
