import GRDB

/// How SQLite would run a statement in the index of a store.
public struct QueryPlan: Sendable {
  public let sql: String
  /// SQLite's words, one step a line: `SEARCH versions USING INDEX …`, `SCAN …`.
  public let steps: [String]

  /// The plans of statements that read or change rows; others have none.
  public static func all(_ statements: [String], in root: String) throws -> [QueryPlan] {
    var configuration = GRDB.Configuration()
    configuration.readonly = true
    let queue = try DatabaseQueue(path: "\(root)/registry.db", configuration: configuration)
    return try queue.read { db in
      try statements.filter {
        ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains($0.prefix(while: \.isLetter))
      }
      .map { sql in
        // Parameters have no value here, and the plan doesn't depend on one.
        let statement = try db.makeStatement(sql: "EXPLAIN QUERY PLAN \(sql)")
        statement.setUncheckedArguments([])
        return QueryPlan(sql: sql, steps: try Row.fetchAll(statement).map { $0["detail"] })
      }
    }
  }

  /// What is gone through from end to end and grows with the store: no table, but for a few that stay small, and no
  /// index, but for those of what is pending or damaged. A statement that takes the first rows it meets scans nothing, and
  /// one that empties a table has to meet them all.
  public var scansOfWhatGrows: [String] {
    let takesTheFirst =
      (sql.hasSuffix("LIMIT 1") || sql.hasSuffix("LIMIT ?")) && !sql.contains("WHERE")
      && !steps.contains { $0.contains("TEMP B-TREE") }
    let empties = sql.hasPrefix("DELETE FROM") && !sql.contains("WHERE")
    guard !takesTheFirst, !empties else { return [] }
    let small = ["head", "totals", "tombstones", "unread_archives", "CONSTANT ROW", "sqlite_master"]
    let partial = ["blobs_damaged", "versions_damaged", "generations_pending", "history_pending"]
    return steps.filter { step in
      guard step.hasPrefix("SCAN "), !step.hasPrefix("SCAN (subquery") else { return false }
      let isSmall = small.contains { step == "SCAN \($0)" || step.hasPrefix("SCAN \($0) ") }
      return !isSmall && !partial.contains { step.hasSuffix("INDEX \($0)") }
    }
  }
}
