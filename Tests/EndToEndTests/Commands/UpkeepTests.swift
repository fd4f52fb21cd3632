import Foundation
import ModelRegistry
import TestSupport
import Testing

@Suite struct `modelctl init, status, doctor, verify, audit and version` {
  @Test func `init makes a store, and completes or keeps one`() throws {
    let store = try CommandStore()
    let document = try store.json("init")
    Shape.object(["root": .text, "schema": .integer]).check(document)
    #expect(document["root"]?.asString == store.root)
    #expect(try store.ctl("init").out == "The store \(store.root) is ready (schema 6).\n")
    #expect(try store.ctl("init", "-q").out == "\(store.root)\n")
    try store.expectSound()
  }

  @Test func `status is one screen`() throws {
    let store = try CommandStore.onTrial()
    let document = try store.json("status")
    Shape.status.check(document)
    #expect(document["attempts_left"]?.asInt == 3)
    #expect(document["fallback"]?.asInt == 1)
    #expect(document["installed"]?.asInt == 3)
    #expect(document["problems"]?.asArray == [])
    let text = try store.ctl("status").out
    for line in [
      "store     \(store.root)", "active    generation 2: robot_001_v2", "rollback  to generation 1",
      "versions  3, 3 installed, 0 pinned", "problems  none",
    ] { #expect(text.contains(line + "\n"), "\(text)") }
    #expect(text.contains("state     trial, 3 boots left, since "))
  }

  @Test func `doctor finds a store sound, and names what isn't`() throws {
    let store = try CommandStore.ready()
    let sound = try store.json("doctor")
    Shape.doctor.check(sound)
    #expect(sound["problems"]?.asInt == 0)
    try FileManager.default.removeItem(atPath: "\(store.root)/generations/1/robot_001")
    let sick = try store.json("doctor", code: 1)
    Shape.doctor.check(sick)
    #expect(sick["problems"]?.asInt == 1)
    let lines = try store.ctl("doctor", code: 1).out.split(separator: "\n")
    #expect(lines.filter { $0.hasPrefix("PROBLEM  active ") }.count == 1)
    #expect(lines.filter { $0.hasPrefix("ok       ") }.count == lines.count - 1)
  }

  @Test func `verify reads everything, and finds a changed byte`() throws {
    let store = try CommandStore.ready()
    let sound = try store.json("verify")
    Shape.verified.check(sound)
    #expect(sound["damaged"]?.asArray == [])
    #expect(try store.ctl("verify", "robot_001_v1", "--full").out.hasSuffix(" read\nnothing is damaged\n"))
    try store.damage("robot_001_v2")
    let found = try store.json("verify", code: 5)
    Shape.verified.check(found)
    let damage = try #require(found["damaged"]?.asArray?.first)
    #expect(damage["versions"]?.asArray == ["robot_001_v2"])
    let text = try store.ctl("verify", "robot_001_v2", "--repair", code: 5).out
    #expect(text.contains("DAMAGED  blobs/sha256/"))
    #expect(text.contains("the bytes do not match the digest (robot_001_v2)"))
    #expect(
      try store.json("list")["versions"]?.asArray?.map { $0["damaged"]?.asBool } == [false, true, false])
    #expect(try store.json("status")["problems"]?.asArray?.count == 1)
    let refused = try store.failure("activate", "robot_001_v2", code: 5, "integrity")
    #expect(refused.message.contains("robot_001_v2 is damaged"))
    try store.ctl("publish", "robot_001", store.source("two"))
    try store.expectSound()
    try store.ctl("activate", "robot_001_v2")
    try store.failure("verify", "robot_001_v9", code: 3, "not_found")
  }

  @Test func `audit prints records one a line, verifies and exports them`() throws {
    let store = try CommandStore.onTrial()
    let lines = try store.ctl("audit", "--json").out.split(separator: "\n")
    for line in lines { Shape.auditRecord.check(try document("\(line)\n")) }
    let records = try lines.map { try JSONValue(parsing: Array($0.utf8)) }
    #expect(records.map { $0["seq"]?.asInt } == Array(1...Int64(lines.count)))
    for (earlier, later) in zip(records, records.dropFirst()) { #expect(later["prev"] == earlier["digest"]) }
    #expect(try store.ctl("audit", "export").out == lines.map { "\($0)\n" }.joined())
    let last = try #require(records.last?["at"]?.asString)
    #expect(try store.ctl("audit", "--since", last, "-q").out == "\(records.count)\n")
    let text = try store.ctl("audit").out
    #expect(text.contains("  activate    generation 2  1 → robot_001_v2\n"))
    let check = try store.json("audit", "verify")
    Shape.auditCheck.check(check)
    #expect(check["records"]?.asInt == Int64(records.count))
    #expect(check["head"]?["digest"] == records.last?["digest"])
    #expect(
      try store.ctl("audit", "verify").out.hasPrefix("\(records.count) records, the chain holds, head "))
    try store.failure("audit", "--since", "x", code: 64, "usage")
  }

  @Test func `a changed record is found`() throws {
    let store = try CommandStore.onTrial()
    try store.sqlite("DROP TRIGGER audit_is_never_rewritten; UPDATE audit SET by = 'nobody' WHERE seq = 2")
    let check = try store.json("audit", "verify", code: 5)
    Shape.auditCheck.check(check)
    #expect(check["problems"]?.asArray == ["record 2 was changed: its digest doesn't match"])
    let text = try store.ctl("audit", "verify", code: 5).out
    #expect(text.hasPrefix("DAMAGED  record 2 was changed"))
  }

  @Test func `version names the program and what it uses, without a store`() throws {
    let store = try CommandStore()
    let document = try store.json("version")
    Shape.version.check(document)
    #expect(document["schema"]?.asInt == 6)
    #expect(
      try store.ctl("version").out.hasPrefix("modelctl \(document["version"]?.asString ?? "?"), schema 6, "))
  }
}
