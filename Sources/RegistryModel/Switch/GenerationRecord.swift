/// `generation.json`: what a generation is, written once and never changed (docs/format.md, "generation.json").
///
/// Canonical JSON; it alone answers "what is active" when the index is lost. So whatever is written can be read
/// again: `by` and `reason`, which people type, are cut to their limits, and unsafe characters in them become U+FFFD.
public struct GenerationRecord: Hashable, Sendable {
  public static let schema = "generation.v1"
  public static let maximumBytesOfBy = 256
  public static let maximumBytesOfReason = 4096

  public let number: Int
  public let set: GenerationSet
  public let at: Timestamp
  public let by: String
  /// May hold newlines.
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
    self.by = by.storable(maximumBytes: Self.maximumBytesOfBy, keepingNewlines: false)
    self.reason = reason?.storable(maximumBytes: Self.maximumBytesOfReason, keepingNewlines: true)
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
    let number = try reader.required("generation", .integer)
    guard number >= 1 else {
      throw reader.problem(with: "generation", "is \(number), and numbers start at 1")
    }
    let fallback = try reader.nullable("fallback", .integer)
    if let fallback, !(1..<number ~= fallback) {
      throw reader.problem(with: "fallback", "is \(fallback), and not an earlier generation")
    }
    self.init(
      number: Int(clamping: number), set: try Self.set(try reader.required("set", .object)),
      at: try reader.required("at", .timestamp), by: try reader.required("by", .string),
      reason: try reader.nullable("reason", .string), fallback: fallback.map { Int(clamping: $0) },
      trial: try reader.nullable("trial", object: Self.policy),
      audit: try reader.nullable("audit", object: Self.head))
    try reader.finish()
    guard canonicalBytes == bytes else {
      throw reader.problem(with: "schema", "stands in a document that is not canonical or too long")
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

  private static func policy(_ reader: inout JSONReader) throws(RegistryError) -> TrialPolicy {
    let attempts = try reader.required("attempts", .integer)
    guard TrialPolicy.attemptsRange ~= Int(clamping: attempts) else {
      throw reader.problem(with: "attempts", "is \(attempts), outside \(TrialPolicy.attemptsRange)")
    }
    guard let seconds = try reader.nullable("deadline_seconds", .number) else {
      return TrialPolicy(attempts: Int(clamping: attempts), deadlineMilliseconds: nil)
    }
    let milliseconds = (seconds * 1000).rounded()
    let range = TrialPolicy.deadlineMillisecondsRange
    guard let deadline = Int64(exactly: milliseconds), range ~= deadline else {
      throw reader.problem(with: "deadline_seconds", "is \(seconds), which is no deadline")
    }
    return TrialPolicy(attempts: Int(clamping: attempts), deadlineMilliseconds: deadline)
  }

  private static func head(_ reader: inout JSONReader) throws(RegistryError) -> AuditHead {
    let seq = try reader.required("seq", .integer)
    guard seq >= 1 else { throw reader.problem(with: "seq", "is \(seq), and records count from 1") }
    return AuditHead(seq: seq, digest: try reader.required("digest", .digest))
  }
}
