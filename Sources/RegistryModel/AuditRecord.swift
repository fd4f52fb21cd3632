/// One record of the append-only audit, chained to the one before it by digest.
public struct AuditRecord: Hashable, Sendable {
  /// What happened; raw values are stable.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case create, publish, install, uninstall, activate, deactivate, confirm, boot, fault
    case rollback, revert, recover, refuse, block, unblock, pin, unpin, damage, repair, collect
    case importVersion = "import"
    case channel, evaluate, rebuild, restore
    /// A version that came from a remote, one that went there, and which remote that is.
    case fetch, push, remote
    /// An archive of episodes that was sent.
    case upload
    /// A bearer token that was made, and one that was taken back.
    case tokenCreate = "token_create"
    case tokenRevoke = "token_revoke"

    /// Whether such a record may come after records that are not there: it says why.
    public var mayFollowGap: Bool { self == .rebuild || self == .restore }
  }

  /// Counts from 1 without gaps.
  public let seq: Int64
  /// Later than the record before it by at least a millisecond, whatever the wall clock does.
  public let at: Timestamp
  /// Who asked for it.
  public let by: String
  public let kind: Kind
  /// What it was done to: a version, a generation, a blob.
  public let subject: String
  public let from: String?
  public let to: String?
  public let reason: String?
  /// Digest of the record before; nil for the first.
  public let prev: Digest?

  public init(
    seq: Int64, at: Timestamp, by: String, kind: Kind, subject: String, from: String?, to: String?,
    reason: String?, prev: Digest?
  ) {
    self.seq = seq
    self.at = at
    self.by = by
    self.kind = kind
    self.subject = subject
    self.from = from
    self.to = to
    self.reason = reason
    self.prev = prev
  }

  /// The canonical bytes whose SHA-256 is the record's digest: every field but the digest itself.
  public var digestedBytes: [UInt8] { json(digest: nil).canonicalBytes }

  /// The record as JSON, with its digest when one is given.
  public func json(digest: Digest?) -> JSONValue {
    var object: [String: JSONValue] = [
      "seq": .number(Double(seq)), "at": .string(at.description), "by": .string(by),
      "kind": .string(kind.rawValue), "subject": .string(subject),
      "from": from.map(JSONValue.string) ?? .null,
      "to": to.map(JSONValue.string) ?? .null, "reason": reason.map(JSONValue.string) ?? .null,
      "prev": prev.map { .string($0.description) } ?? .null,
    ]
    if let digest { object["digest"] = .string(digest.description) }
    return .object(object)
  }

  /// The time of the record after one at `last`: now, but never before or at the last one's.
  public static func time(now: Timestamp, after last: Timestamp?) -> Timestamp {
    guard let last else { return now }
    return Timestamp(milliseconds: max(now.milliseconds, last.milliseconds + 1))
  }
}

/// The newest record's number and digest, as every generation carries it.
public struct AuditHead: Hashable, Sendable {
  public let seq: Int64
  public let digest: Digest

  public init(seq: Int64, digest: Digest) {
    self.seq = seq
    self.digest = digest
  }
}
