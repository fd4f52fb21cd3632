/// `generation.json`: what a generation is, written once and never changed (docs/format.md, "generation.json").
///
/// Canonical JSON; it alone answers "what is active" when the index is lost.
public struct GenerationRecord: Hashable, Sendable {
  public static let schema = "generation.v1"

  public let number: Int
  public let set: GenerationSet
  public let at: Timestamp
  public let by: String
  public let reason: String?
  /// The generation that a rollback returns to first.
  public let fallback: Int?
  /// How the trial may go; nil where the generation was confirmed at once.
  public let trial: TrialPolicy?
  /// The audit's newest record when the generation was built.
  public let audit: AuditHead?

  public init(
    number: Int, set: GenerationSet, at: Timestamp, by: String, reason: String?, fallback: Int?,
    trial: TrialPolicy?, audit: AuditHead?
  ) {
    self.number = number
    self.set = set
    self.at = at
    self.by = by
    self.reason = reason
    self.fallback = fallback
    self.trial = trial
    self.audit = audit
  }

  public var canonicalBytes: [UInt8] { json.canonicalBytes }

  public var json: JSONValue {
    .object([
      "schema": .string(Self.schema), "generation": .integer(number), "at": .string(at.description),
      "by": .string(by), "reason": reason.map(JSONValue.string) ?? .null,
      "fallback": fallback.map { .integer($0) } ?? .null,
      "set": .object(
        Dictionary(
          uniqueKeysWithValues: set.sorted.map { member in
            (
              member.version.adapter.text,
              .object([
                "version": .string(member.version.description), "digest": .string(member.digest.description),
              ])
            )
          })),
      "trial": trial.map { policy in
        .object([
          "attempts": .integer(policy.attempts),
          "deadline_seconds": policy.deadlineMilliseconds.map { .number(Double($0) / 1000) } ?? .null,
        ])
      } ?? .null,
      "audit": audit.map {
        .object(["seq": .integer($0.seq), "digest": .string($0.digest.description)])
      } ?? .null,
    ])
  }

  /// Reads the record.
  ///
  /// - Throws: `integrity` for anything but the canonical bytes of a `generation.v1`.
  public init(parsing bytes: [UInt8]) throws(RegistryError) {
    var reader = try JSONReader(try JSONValue(parsing: bytes), context: "generation.json")
    let schema = try reader.required("schema", .string)
    guard schema == Self.schema else { throw reader.problem(with: "schema", "is not \(Self.schema)") }
    number = Int(clamping: try reader.required("generation", .integer))
    at = try reader.required("at", .timestamp)
    by = try reader.required("by", .string)
    reason = try reader.nullable("reason", .string)
    fallback = try reader.nullable("fallback", .integer).map { Int(clamping: $0) }
    set = try Self.set(try reader.required("set", .object))
    trial = try reader.nullable("trial", .any).map { value throws(RegistryError) in try Self.policy(value) }
    audit = try reader.nullable("audit", .any).map { value throws(RegistryError) in try Self.head(value) }
    try reader.finish()
    guard canonicalBytes == bytes else {
      throw reader.problem(with: "schema", "stands in a document that is not canonical JSON")
    }
  }

  private static func set(_ object: [String: JSONValue]) throws(RegistryError) -> GenerationSet {
    var members: [GenerationSet.Member] = []
    for (adapter, value) in object {
      var reader = try JSONReader(value, context: "generation.json.set.\(adapter)")
      let version = try reader.required("version", .version)
      let digest = try reader.required("digest", .digest)
      try reader.finish()
      guard version.adapter.text == adapter else {
        throw reader.problem(with: "version", "is one of another adapter")
      }
      members.append(GenerationSet.Member(version: version, digest: digest))
    }
    return GenerationSet(members)
  }

  private static func policy(_ value: JSONValue) throws(RegistryError) -> TrialPolicy {
    var reader = try JSONReader(value, context: "generation.json.trial")
    let attempts = try reader.required("attempts", .integer)
    let deadline = try reader.nullable("deadline_seconds", .number)
    try reader.finish()
    return TrialPolicy(
      attempts: Int(clamping: attempts), deadlineMilliseconds: deadline.map { Int64(($0 * 1000).rounded()) })
  }

  private static func head(_ value: JSONValue) throws(RegistryError) -> AuditHead {
    var reader = try JSONReader(value, context: "generation.json.audit")
    let seq = try reader.required("seq", .integer)
    let digest = try reader.required("digest", .digest)
    try reader.finish()
    return AuditHead(seq: seq, digest: digest)
  }
}
