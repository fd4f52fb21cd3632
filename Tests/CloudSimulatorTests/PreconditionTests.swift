import CloudSimulator
import RegistryModel
import Testing

@Suite struct PreconditionTests {
  private let caller = Caller()

  @Test(arguments: [
    ("ifGenerationMatch=0", 412), ("ifGenerationMatch=G", 200), ("ifGenerationMatch=1", 412),
    ("ifGenerationNotMatch=G", 412), ("ifGenerationNotMatch=0", 200), ("ifMetagenerationMatch=1", 200),
    ("ifMetagenerationMatch=2", 412), ("ifMetagenerationNotMatch=1", 412),
  ]) func `a change of an object that is there`(condition: String, status: Int) throws {
    let generation = try caller.upload([1], as: "a")["generation"]?.asString ?? ""
    let query = condition.hasSuffix("=G") ? condition.dropLast() + generation : condition
    let answer = try caller.call("POST", "\(Caller.uploads)?uploadType=media&name=a&\(query)")
    #expect(answer.status == status, "\(query)")
    if status == 412 { #expect(answer.reason == "conditionNotMet") }
  }

  @Test(arguments: [
    ("ifGenerationMatch=0", 200), ("ifGenerationMatch=1", 412), ("ifGenerationNotMatch=0", 412),
    ("ifMetagenerationMatch=1", 412), ("ifMetagenerationNotMatch=1", 412),
  ]) func `a change of an object that is missing`(condition: String, status: Int) throws {
    let answer = try caller.call("POST", "\(Caller.uploads)?uploadType=media&name=a&\(condition)")
    #expect(answer.status == status)
  }

  @Test(arguments: ["", "&alt=media"]) func `a read of what the client has is 304`(media: String) throws {
    let generation = try caller.upload([1], as: "a")["generation"]?.asString ?? ""
    let path = "\(Caller.objects)/a"
    let same = try caller.call("GET", "\(path)?ifGenerationNotMatch=\(generation)\(media)")
    #expect(same.status == 304)
    #expect(same.bytes.isEmpty)
    #expect(try caller.call("GET", "\(path)?ifGenerationNotMatch=1\(media)").status == 200)
    #expect(try caller.call("GET", "\(path)?ifGenerationMatch=1\(media)").status == 412)
    #expect(try caller.call("GET", "\(path)?ifMetagenerationNotMatch=1\(media)").status == 304)
  }

  @Test func `a stale delete and a stale patch change nothing`() throws {
    try caller.upload([1], as: "a")
    #expect(try caller.call("DELETE", "\(Caller.objects)/a?ifGenerationMatch=1").status == 412)
    let patch = try caller.call(
      "PATCH", "\(Caller.objects)/a?ifMetagenerationMatch=2", json: ["metadata": [:]])
    #expect(patch.status == 412)
    #expect(caller.storage.object("a", in: "models")?.metageneration == 1)
  }
}
