import Foundation
import Mutations
import RegistryModel
import Testing

/// `token.v1`, with the examples in `schemas/`.
@Suite struct TokenRecordTests {
  private static let examples = Repository.root.appending(path: "schemas/examples/token.v1")
  private static let malformed = examples.appending(path: "invalid")

  @Test func `valid examples are read and written unchanged`() throws {
    let names = try Repository.jsonNames(in: Self.examples)
    #expect(names == ["full", "minimal", "revoked"])
    for name in names {
      let bytes = try Repository.json(name, in: Self.examples)
      #expect(try TokenRecord(parsing: bytes).canonicalBytes == bytes, "\(name)")
    }
  }

  @Test func `the examples mean what they say`() throws {
    let full = try TokenRecord(parsing: Repository.json("full", in: Self.examples))
    #expect(full.name.text == "night.shift-2_b" && full.scopes == Set(TokenScope.allCases))
    #expect(full.createdBy == "token:root-of-all ☀" && full.revoked == nil)
    #expect(full.expiresAt?.description == "2026-04-05T10:15:00.000Z")
    #expect(try full.hash == digest(0xaa))
    let revoked = try TokenRecord(parsing: Repository.json("revoked", in: Self.examples))
    #expect(revoked.revoked?.by == "uid 1000" && revoked.expiresAt == nil)
    #expect(revoked.revoked?.at.description == "2026-01-06T00:00:00.001Z")
  }

  @Test func `every malformed example has a reason here`() throws {
    #expect(try Repository.jsonNames(in: Self.malformed) == Self.reasons.map(\.name).sorted())
  }

  @Test(arguments: Self.reasons)
  func `malformed examples are refused for their own reason`(reason: (name: String, message: String)) throws {
    let bytes = try Repository.json(reason.name, in: Self.malformed)
    let error = refusal { () throws(RegistryError) in try TokenRecord(parsing: bytes) }
    #expect(error?.message.contains(reason.message) == true, "\(reason.name): \(error?.message ?? "")")
    #expect(error?.code == .integrity)
  }

  static let reasons: [(name: String, message: String)] = [
    ("created-at-without-milliseconds", "not canonical"), ("created-by-control", "not canonical"),
    ("created-by-too-long", "too long"), ("duplicate-key", "occurs twice"),
    ("expires-before-created", "not later than created_at"), ("expires-text", "is not a time"),
    ("hash-null", "hash is null"), ("hash-short", "is not a digest"),
    ("missing-field", "lacks the field \"revoked_by\""), ("name-dot", "is not a token's name"),
    ("name-long", "is not a token's name"), ("name-slash", "is not a token's name"),
    ("name-upper", "is not a token's name"), ("not-an-object", "an object is needed"),
    ("not-canonical-newline", "not canonical"), ("not-canonical-order", "not canonical"),
    ("not-canonical-space", "not canonical"), ("not-json", "a colon"),
    ("revoked-at-missing", "revoked_by must"),
    ("revoked-by-missing", "revoked_by must"), ("schema-other", "is not token.v1"),
    ("scopes-empty", "scopes is empty"), ("scopes-twice", "not canonical"),
    ("scopes-unknown", "is no scope"), ("scopes-unsorted", "not canonical"),
    ("unknown-field", "unknown field \"note\""),
  ]

  private static func record(by: String = "tester", until end: Int64? = nil) throws -> TokenRecord {
    TokenRecord(
      name: try TokenName(parsing: "fleet"), scopes: [.operate], hash: try digest(1),
      createdAt: Timestamp(milliseconds: 1000), createdBy: by,
      expiresAt: end.map { Timestamp(milliseconds: $0) })
  }

  @Test func `a token is usable until its end, and never before it was made`() throws {
    func state(_ now: Int64, until end: Int64?) throws -> TokenRecord.State {
      try Self.record(until: end).state(at: Timestamp(milliseconds: now))
    }
    #expect(try state(1000, until: 2000) == .usable)
    #expect(try state(1999, until: 2000) == .usable)
    #expect(try state(2000, until: 2000) == .expired)
    #expect(try state(999, until: 2000) == .expired, "a clock that was set back brings nothing back")
    #expect(try state(0, until: nil) == .usable)
    #expect(try state(253_402_300_799_999, until: nil) == .usable)
  }

  @Test func `a revocation is final, and the first one stays`() throws {
    let revoked = try Self.record(until: 2000).revoking(at: Timestamp(milliseconds: 1500), by: "tester")
    for now: Int64 in [0, 1000, 1499, 3000] {
      #expect(revoked.state(at: Timestamp(milliseconds: now)) == .revoked)
    }
    #expect(revoked.revoking(at: Timestamp(milliseconds: 9), by: "somebody else") == revoked)
    #expect(try TokenRecord(parsing: revoked.canonicalBytes) == revoked)
  }

  @Test(arguments: ["", "two\nlines", "\u{1b}[31m", "\u{202e}x", String(repeating: "é", count: 300)])
  func `whoever made it, the record can be read again`(by: String) throws {
    let record = try Self.record(by: by).revoking(at: Timestamp(milliseconds: 1500), by: by)
    #expect(try TokenRecord(parsing: record.canonicalBytes) == record)
    #expect(record.createdBy.utf8.count <= 256)
  }

  @Test func `a record of any bytes is refused or is what it was read from`() throws {
    let original = try Repository.json("full", in: Self.examples)
    var generator = SeededGenerator(seed: 6)
    var accepted = 0
    for _ in 0..<5000 {
      var bytes = original
      let place = Int.random(in: bytes.indices, using: &generator)
      bytes[place] = Array("0123456789abcdef\"\\{}:,en-.".utf8).randomElement(using: &generator) ?? 0
      guard let record = try? TokenRecord(parsing: bytes) else { continue }
      accepted += 1
      #expect(record.canonicalBytes == bytes)
    }
    #expect(accepted > 100)
  }
}
