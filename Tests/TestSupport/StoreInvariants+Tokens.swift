import RegistryModel

extension StoreInvariants {
  /// I20: no token is usable that the audit doesn't know, and no file of one is open to others.
  func checkTokens(_ rows: StoreRows) -> [String] {
    guard Disk.kind(path("private/tokens")) != nil else { return [] }
    var problems: [String] = []
    if Disk.status(path("private/tokens"))?.mode != 0o700 {
      problems.append("private/tokens is open to others")
    }
    for name in Disk.names(path("private/tokens")) where Disk.kind(path("private/tokens/\(name)")) == .file {
      if Disk.status(path("private/tokens/\(name)"))?.mode != 0o600 {
        problems.append("private/tokens/\(name) is open to others")
      }
    }
    for (name, record) in Disk.tokens(root) {
      guard let record else {
        problems.append("private/tokens/\(name) is no token")
        continue
      }
      // A rebuild says that records are lost.
      if rows.auditBegin == "create", !rows.tokenRecords.contains("token_create token:\(record.name)") {
        problems.append("the token \(name) has no record")
      }
    }
    return problems
  }

  /// I21: where nothing is under way the audit knows every revocation, and only tokens are there.
  func checkSettledTokens(_ rows: StoreRows) -> [String] {
    let revoked = Disk.tokens(root).filter { $0.record?.revoked != nil }.map(\.name)
    let unrecorded = revoked.filter { !rows.tokenRecords.contains("token_revoke token:\($0)") }
    let left = Disk.names(path("private/tokens")).filter { $0.hasPrefix(".") }
    return unrecorded.map { "the revocation of \($0) has no record" }
      + left.map { "private/tokens/\($0) was left" }
  }
}

extension Disk {
  /// What a reader finds of tokens, by name; nil where a file is none.
  static func tokens(_ root: String) -> [(name: String, record: TokenRecord?)] {
    names("\(root)/private/tokens").filter { !$0.hasPrefix(".") }.map { name in
      (name, bytes("\(root)/private/tokens/\(name)").flatMap { try? TokenRecord(parsing: $0) })
    }
  }
}
