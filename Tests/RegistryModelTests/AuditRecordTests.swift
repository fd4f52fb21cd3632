import RegistryModel
import Testing

@Suite struct AuditRecordTests {
  private func record(reason: String? = nil, prev: UInt8? = 7) throws -> AuditRecord {
    AuditRecord(
      seq: 42, at: Timestamp(milliseconds: 1_767_608_100_000), by: "uid 1000", kind: .activate, subject: "17",
      from: "15", to: "17", reason: reason, prev: try prev.map { try digest($0) })
  }

  @Test func `the digested bytes are the canonical record without its digest`() throws {
    let expected =
      #"{"at":"2026-01-05T10:15:00.000Z","by":"uid 1000","from":"15","kind":"activate","prev":"sha256:"#
      + String(repeating: "07", count: 32) + #"","reason":null,"seq":42,"subject":"17","to":"17"}"#
    #expect(try String(decoding: record().digestedBytes, as: UTF8.self) == expected)
  }

  @Test func `the first record has no record before it`() throws {
    let bytes = try record(reason: "a \"b\"\n☀", prev: nil).digestedBytes
    let expected =
      #"{"at":"2026-01-05T10:15:00.000Z","by":"uid 1000","from":"15","kind":"activate","prev":null,"#
      + #""reason":"a \"b\"\n☀","seq":42,"subject":"17","to":"17"}"#
    #expect(String(decoding: bytes, as: UTF8.self) == expected)
  }

  @Test func `the exported record is the same with its digest`() throws {
    let record = try record()
    let exported = record.json(digest: try digest(9))
    var fields = try #require(exported.asObject)
    #expect(fields.removeValue(forKey: "digest") == .string("sha256:" + String(repeating: "09", count: 32)))
    #expect(JSONValue.object(fields).canonicalBytes == record.digestedBytes)
  }

  @Test func `every field is part of what is digested`() throws {
    let at = Timestamp(milliseconds: 0)
    func bytes(
      seq: Int64 = 1, at: Timestamp = at, by: String = "a", kind: AuditRecord.Kind = .boot,
      subject: String = "b", from: String? = nil, to: String? = nil, reason: String? = nil,
      prev: Digest? = nil
    ) -> [UInt8] {
      AuditRecord(
        seq: seq, at: at, by: by, kind: kind, subject: subject, from: from, to: to, reason: reason, prev: prev
      ).digestedBytes
    }
    let all = [
      bytes(), bytes(seq: 2), bytes(at: Timestamp(milliseconds: 1)), bytes(by: "c"), bytes(kind: .fault),
      bytes(subject: "c"), bytes(from: "c"), bytes(to: "c"), bytes(reason: "c"), bytes(prev: try digest(1)),
    ]
    #expect(Set(all).count == all.count)
  }

  @Test func `the names of kinds never change`() {
    #expect(
      AuditRecord.Kind.allCases.map(\.rawValue) == [
        "create", "publish", "install", "uninstall", "activate", "deactivate", "confirm", "boot", "fault",
        "rollback", "revert", "recover", "refuse", "block", "unblock", "pin", "unpin", "damage", "repair",
        "collect", "import", "channel", "evaluate", "rebuild", "restore", "fetch", "push", "remote", "upload",
        "token_create", "token_revoke",
      ])
  }

  @Test func `time goes on by at least a millisecond, whatever the clock does`() {
    func time(_ now: Int64, _ last: Int64?) -> Int64 {
      AuditRecord.time(
        now: Timestamp(milliseconds: now), after: last.map { Timestamp(milliseconds: $0) }
      ).milliseconds
    }
    #expect(time(5000, nil) == 5000)
    #expect(time(5000, 4000) == 5000)
    #expect(time(5000, 4999) == 5000)
    #expect(time(5000, 5000) == 5001)
    #expect(time(0, 5000) == 5001)
  }

  @Test func `a clock that is set back leaves the records in order`() {
    var last: Timestamp?
    var times: [Timestamp] = []
    for now: Int64 in [1000, 1000, 900, 0, 1002, 2000, 1999] {
      let next = AuditRecord.time(now: Timestamp(milliseconds: now), after: last)
      times.append(next)
      last = next
    }
    #expect(times.map(\.milliseconds) == [1000, 1001, 1002, 1003, 1004, 2000, 2001])
  }
}
