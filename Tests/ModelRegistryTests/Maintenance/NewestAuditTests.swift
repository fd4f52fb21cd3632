import ModelRegistry
import RegistryModel
import TestSupport
import Testing

@Suite struct `The newest records of the audit` {
  @Test func `come newest first, page by page, each once`() throws {
    let registry = try StoreFixture.ready().open()
    let all = try registry.audit(limit: 1000).items.map(\.record.seq)
    #expect(all.count > 4)
    for limit in [1, 2, 3, all.count, 100] {
      var seen: [Int64] = []
      var below: Int64?
      repeat {
        let page = try registry.newestAudit(below: below, limit: limit)
        #expect(page.items.count <= limit)
        seen += page.items.map(\.record.seq)
        below = page.next
      } while below != nil
      #expect(seen == all.reversed(), "\(limit) a page")
    }
  }

  @Test func `end at a number that nothing lies below, and skip a gap`() throws {
    let fixture = try StoreFixture.ready()
    #expect(try fixture.open().newestAudit(below: 1).items.isEmpty)
    #expect(try fixture.open().newestAudit(below: 1).next == nil)
    let newest = try fixture.open().newestAudit(limit: 1).items.map(\.record.seq)
    #expect(try fixture.open().newestAudit(below: Int64.max, limit: 1).items.map(\.record.seq) == newest)
    try fixture.tamper("DROP TRIGGER audit_is_never_shortened", "DELETE FROM audit WHERE seq = 2")
    var seen: [Int64] = []
    var below: Int64?
    repeat {
      let page = try fixture.open().newestAudit(below: below, limit: 1)
      seen += page.items.map(\.record.seq)
      below = page.next
    } while below != nil
    #expect(!seen.contains(2) && seen.last == 1)
  }
}

@Suite struct `What a page reads of measured results and of training` {
  @Test func `is the document of an evaluation, and not where its bytes are bad`() throws {
    let fixture = try StoreFixture.ready()
    let registry = try fixture.open()
    let record = try registry.evaluate(
      Reference(parsing: "robot_001_v1"), document: Array(#"{"score":0.5}"#.utf8)
    ).record
    #expect(try registry.document(of: record) == ["score": 0.5])
    let hex = record.digest.hex
    try breaking("\(fixture.root)/blobs/sha256/\(hex.prefix(2))/\(hex)", .flippedByte)
    #expect { try registry.document(of: record) } throws: { ($0 as? RegistryError)?.code == .integrity }
  }

  private func curve(_ log: String?, limit: Int = 400) throws -> [TrainerProgress] {
    let fixture = try StoreFixture()
    let job = try JobID(parsing: "job_9f2c44b1d0e7")
    if let log { try fixture.scratch.write("root/private/training/\(job)/log.txt", log) }
    return try fixture.open().trainingCurve(job, limit: limit)
  }

  private func line(_ step: Int) -> String { #"{"step":\#(step),"total_steps":100,"loss":0.\#(step)}"# }

  @Test func `is the loss of a job that was trained here, from its log`() throws {
    #expect(try curve(nil).isEmpty && curve("").isEmpty && curve("hello\n{}\n").isEmpty)
    let log = "begins\n\(line(1))\n{\"step\":\"x\"}\nwarning: {\n\(line(2))\n\(line(5))"
    #expect(try curve(log).map(\.step) == [1, 2, 5])
    #expect(try curve(log).last?.loss == 0.5)
  }

  @Test func `is that of the last attempt`() throws {
    let log = ([1, 2, 3, 4] + [3, 4, 5]).map(line).joined(separator: "\n")
    #expect(try curve(log).map(\.step) == [1, 2, 3, 4, 5])
    #expect(try curve([5, 6, 1, 2].map(line).joined(separator: "\n")).map(\.step) == [1, 2])
  }

  @Test func `is thinned out where there is much of it`() throws {
    let steps = try curve((1...999).map(line).joined(separator: "\n"), limit: 10).map(\.step)
    #expect(steps.count == 10 && steps.first == 1 && steps.last == 999)
    #expect(steps == steps.sorted())
  }
}
