import Mutations
import RegistryModel
import Testing

/// `generation.json`, with the examples in `schemas/`, which other programs test against too.
@Suite struct GenerationRecordTests {
  @Test func `valid examples are read and written unchanged`() throws {
    let names = try Repository.jsonNames(in: Repository.generationExamples)
    #expect(names == ["empty-set", "full", "minimal"])
    for name in names {
      let bytes = try Repository.json(name, in: Repository.generationExamples)
      #expect(try GenerationRecord(parsing: bytes).canonicalBytes == bytes, "\(name)")
    }
  }

  @Test func `the full example means what it says`() throws {
    let record = try GenerationRecord(parsing: Repository.json("full", in: Repository.generationExamples))
    #expect(record.number == 17 && record.fallback == 15 && record.by == "uid 1000")
    #expect(record.at.description == "2026-01-05T10:15:00.000Z")
    #expect(record.reason == "night run\nsecond try, “ruhiger” ☀")
    #expect(record.set.sorted.map(\.version.description) == ["arm-left_v2", "robot_001_v4"])
    #expect(record.set.sorted.map(\.digest) == [try digest(0xbb), try digest(0xaa)])
    #expect(record.trial == TrialPolicy(attempts: 3, deadlineMilliseconds: 90_500))
    #expect(try record.audit == AuditHead(seq: 41, digest: digest(0xcc)))
  }

  @Test func `a record made from its parts is the example`() throws {
    let full = try GenerationRecord(parsing: Repository.json("full", in: Repository.generationExamples))
    let made = GenerationRecord(
      number: full.number, set: GenerationSet(full.set.sorted.reversed()), at: full.at, by: full.by,
      reason: full.reason, fallback: full.fallback, trial: full.trial, audit: full.audit)
    #expect(made == full)
    #expect(try made.canonicalBytes == Repository.json("full", in: Repository.generationExamples))
  }

  @Test func `a set that was deactivated is a set`() throws {
    let record = try GenerationRecord(
      parsing: Repository.json("empty-set", in: Repository.generationExamples))
    #expect(record.set.isEmpty && record.trial?.attempts == 1 && record.trial?.deadlineMilliseconds == nil)
  }

  @Test func `every malformed example has a reason here`() throws {
    #expect(
      try Repository.jsonNames(in: Repository.malformedGenerations) == Self.reasons.map(\.name).sorted())
  }

  @Test(arguments: Self.reasons)
  func `malformed examples are refused for their own reason`(reason: (name: String, message: String)) throws {
    let bytes = try Repository.json(reason.name, in: Repository.malformedGenerations)
    let error = refusal { () throws(RegistryError) in try GenerationRecord(parsing: bytes) }
    #expect(error?.message.contains(reason.message) == true, "\(reason.name): \(error?.message ?? "")")
    #expect(error?.code == .integrity)
  }

  static let reasons: [(name: String, message: String)] = [
    ("audit-seq-zero", "audit.seq is 0"), ("audit-without-digest", "audit lacks the field \"digest\""),
    ("by-newline", "not canonical"), ("by-null", "by is null"), ("by-too-long", "too long"),
    ("duplicate-key", "occurs twice"), ("fallback-itself", "not an earlier generation"),
    ("fallback-later", "not an earlier generation"), ("fallback-zero", "not an earlier generation"),
    ("missing-field", "lacks the field \"audit\""), ("not-an-object", "an object is needed"),
    ("not-canonical-newline", "not canonical"), ("not-canonical-number", "not canonical"),
    ("not-canonical-order", "not canonical"), ("not-canonical-space", "not canonical"),
    ("not-json", "a comma or } is missing"), ("number-fraction", "an integer"),
    ("number-negative", "numbers start at 1"), ("number-text", "generation is a string"),
    ("number-zero", "numbers start at 1"), ("reason-bidi", "not canonical"),
    ("reason-control", "not canonical"), ("reason-too-long", "too long"),
    ("reason-too-many-bytes", "too long"), ("schema-other", "is not generation.v1"),
    ("set-adapter-name", "is one of another adapter"), ("set-adapter-reserved", "is reserved"),
    ("set-digest-short", "is not a digest"), ("set-null", "set is null"),
    ("set-unknown-field", "unknown field \"path\""), ("set-version-malformed", "is not a version"),
    ("set-without-digest", "lacks the field \"digest\""), ("set-wrong-adapter", "is one of another adapter"),
    ("time-impossible", "is not a time"), ("time-offset", "is not a time"),
    ("time-without-milliseconds", "not canonical"), ("trial-attempts-too-many", "trial.attempts is 1000001"),
    ("trial-attempts-zero", "trial.attempts is 0"), ("trial-deadline-huge", "which is no deadline"),
    ("trial-deadline-negative", "which is no deadline"), ("trial-deadline-text", "is a string"),
    ("trial-deadline-too-fine", "not canonical"), ("trial-deadline-zero", "which is no deadline"),
    ("trial-unknown-field", "unknown field \"kind\""), ("trial-without-deadline", "lacks the field"),
    ("unknown-field", "unknown field \"note\""),
  ]

  // MARK: What people type

  @Test(arguments: [
    "", "plain", "two\nlines", "bell \u{7}, escape \u{1b}[31m", "\u{202e}reversed", "\u{fffe}", "\u{1ffff}",
    "\r\n", "e\u{301}", "\"\\/", String(repeating: "é", count: 3000), String(repeating: "👩‍👩‍👧", count: 500),
  ])
  func `whatever is given as reason can be read again`(reason: String) throws {
    let record = try Self.record(by: reason, reason: reason)
    let read = try GenerationRecord(parsing: record.canonicalBytes)
    #expect(read == record)
    #expect(record.by.utf8.count <= 256 && !record.by.contains("\n"))
    #expect(record.reason.map { $0.utf8.count <= 4096 } == true)
  }

  @Test func `unsafe characters are replaced one by one and the rest is kept`() throws {
    let record = try Self.record(by: "uid\t1000\n", reason: "a\u{7}b\nc\u{202e}")
    #expect(record.by == "uid\u{fffd}1000\u{fffd}")
    #expect(record.reason == "a\u{fffd}b\nc\u{fffd}")
  }

  @Test(arguments: [1, 999, 1000, 1001, 90_061_007, 123_456_789_123, 1_000_000_000_000])
  func `deadlines keep every millisecond`(milliseconds: Int64) throws {
    let record = try Self.record(trial: TrialPolicy(attempts: 1, deadlineMilliseconds: milliseconds))
    #expect(try GenerationRecord(parsing: record.canonicalBytes).trial?.deadlineMilliseconds == milliseconds)
  }

  @Test func `a record of any bytes is refused or is what it was read from`() throws {
    let original = try Repository.json("full", in: Repository.generationExamples)
    var generator = SeededGenerator(seed: 17)
    var accepted = 0
    for _ in 0..<5000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...2, using: &generator) {
        let place = Int.random(in: bytes.indices, using: &generator)
        bytes[place] = Array("0123456789abcdef\"\\{}:,en-.".utf8).randomElement(using: &generator) ?? 0
      }
      guard let record = try? GenerationRecord(parsing: bytes) else { continue }
      accepted += 1
      #expect(record.canonicalBytes == bytes)
    }
    #expect(accepted > 100)
  }

  private static func record(
    by: String = "uid 0", reason: String? = nil, trial: TrialPolicy? = nil
  ) throws -> GenerationRecord {
    GenerationRecord(
      number: 3, set: SwitchCase.set(1), at: Timestamp(milliseconds: 0), by: by, reason: reason, fallback: 2,
      trial: trial, audit: nil)
  }
}
