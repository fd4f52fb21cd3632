@testable public import ModelRegistry

/// The invariants of docs/format.md, looked up on the disk and in the rows with code of the tests' own.
///
/// Every check answers with sentences; none means that all of them hold.
public struct StoreInvariants: Sendable {
  public let root: String
  /// Blobs that the test itself spoilt: their bytes may be anything.
  public var spoilt: Set<Digest>
  /// Versions whose trees the test tore: what lies under their names may be anything.
  public var torn: Set<String>

  public init(_ root: String, spoilt: Set<Digest> = [], torn: Set<String> = []) {
    self.root = root
    self.spoilt = spoilt
    self.torn = torn
  }

  func path(_ name: String) -> String { "\(root)/\(name)" }

  /// The generation that a link's text names.
  static func number(inLink text: String?) -> Int? {
    guard let text, text.hasPrefix("generations/") else { return nil }
    return Int(text.dropFirst("generations/".count))
  }

  static func blobPath(_ digest: Digest) -> String { "blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)" }

  /// Runs a check that may itself fail to read.
  static func gather(_ body: (inout [String]) throws -> Void) -> [String] {
    var problems: [String] = []
    do {
      try body(&problems)
    } catch {
      problems.append("the check itself failed: \(error)")
    }
    return problems
  }
}

extension StoreInvariants {
  /// What holds in a store where nothing is running and recovery is done: opens it, then looks at everything.
  ///
  /// The store is opened twice: the first opening may finish what was interrupted and moves no link, the second
  /// one changes nothing at all (I7). `acknowledged` is a record of the audit that must still be there (I18).
  /// `verifies` asks the store itself as well, which takes the most time.
  public func checkSettled(
    _ options: OpenOptions, acknowledged: AuditHead? = nil, verifies: Bool = true
  ) -> [String] {
    Self.gather { problems in
      let link = Disk.link(path("active"))
      _ = try Registry.open(root, options)
      let after = Disk.link(path("active"))
      if after != link { problems.append("opening moved the link from \(link ?? "-") to \(after ?? "-")") }
      problems += checkAgreement()
      let before = try StoreSnapshot(root)
      _ = try Registry.open(root, options)
      let changes = before.differences(to: try StoreSnapshot(root))
      if !changes.isEmpty { problems.append("a second opening changed something: \(changes)") }
      if verifies { problems += try checkItself(options, acknowledged) }
    }
  }

  /// Bytes, links, folders and rows of a settled store agree; opens nothing.
  public func checkAgreement() -> [String] {
    Self.gather { problems in
      let rows = try StoreRows(root)
      problems += try checkRaw(rows)
      guard let rows else { return problems.append("there is no index") }
      problems += checkSwitch(rows) + checkLeftovers(rows) + checkModes() + checkSettledTokens(rows)
    }
  }

  /// What the store says of itself: verification of every byte, and the chain of the audit.
  private func checkItself(_ options: OpenOptions, _ acknowledged: AuditHead?) throws -> [String] {
    let registry = try Registry.openForReading(root, options)
    let damage = try registry.verify(full: true).damaged.filter { damage in
      !(damage.digest.map { spoilt.contains($0) } ?? false)
        && !damage.versions.contains { torn.contains($0.description) }
    }
    var problems =
      damage.map { "verify finds \($0.paths): \($0.problem)" } + (try registry.verifyAudit().problems)
    if let acknowledged {
      let digest = try registry.index().read { try $0.auditDigest(seq: acknowledged.seq) }
      if digest != acknowledged.digest { problems.append("the audit lost record \(acknowledged.seq)") }
    }
    return problems
  }

  /// The audit's newest record; nil without one.
  public static func auditHead(_ root: String) throws -> AuditHead? { try StoreRows(root)?.auditHead }
}
