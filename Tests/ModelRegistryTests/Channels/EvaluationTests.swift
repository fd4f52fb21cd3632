import ModelRegistry
import TestSupport
import Testing

@Suite struct EvaluationTests {
  @Test func `measured results are kept byte for byte, and the same again change nothing`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let text = "{ \"success_rate\" : 0.930 }\n"
    let file = try fixture.scratch.write("result.json", text)
    let result = try registry.evaluate("robot_001_v2", result: file, by: "rig 2")
    #expect(!result.existing && result.record.by == "rig 2")
    #expect(try fixture.text(StoreFixture.blob(result.record.digest)) == text)
    let changed = try change(of: fixture.root) { () throws in
      #expect(try registry.evaluate("robot_001_v2", result: file).existing)
    }
    #expect(changed == [])
    try registry.evaluate("robot_001_v3", result: file)
    #expect(try registry.evaluations(of: "robot_001_v2") == [result.record])
    #expect(try registry.collect().removedBlobs == [], "an evaluation is needed")
    try fixture.expectSound()
  }

  @Test(arguments: ["[1]", "", "{\"a\":1,\"a\":2}", "{\"a\":NaN}", "no json"])
  func `what is no JSON object is refused, and nothing is left`(_ text: String) throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let file = try fixture.scratch.write("result.json", text)
    let changed = try change(of: fixture.root) { () throws in
      #expect(code { try registry.evaluate("robot_001_v2", result: file) } == .integrity)
      #expect(code { try registry.evaluate("robot_001_v9", result: file) } == .notFound)
      #expect(
        code { try registry.evaluate("robot_001_v2", result: fixture.scratch("none.json")) } == .notFound)
      #expect(code { try registry.evaluate("robot_001_v2", result: fixture.scratch("source-one")) } == .usage)
    }
    #expect(changed == [])
  }
}
