import CloudSimulator
import RegistryModel
import Testing

@Suite struct CopyTests {
  private let caller = Caller()

  @Test func `compose joins, and has no MD5`() throws {
    try caller.upload(Array("he".utf8), as: "a")
    let generation = try caller.upload(Array("llo".utf8), as: "b")["generation"] ?? nil
    let body: JSONValue = [
      "sourceObjects": [
        ["name": "a"],
        ["name": "b", "generation": generation, "objectPreconditions": ["ifGenerationMatch": generation]],
      ],
      "destination": ["contentType": "text/plain"],
    ]
    let answer = try caller.call("POST", "\(Caller.objects)/c/compose?ifGenerationMatch=0", json: body)
    #expect(answer.status == 200)
    let object = try answer.json
    #expect(object["crc32c"] == "mnG7TA==")
    #expect(object["md5Hash"] == nil)
    #expect(object["componentCount"] == 2)
    #expect(
      try caller.call("POST", "\(Caller.objects)/c/compose?ifGenerationMatch=0", json: body).status == 412)
  }

  @Test func `compose refuses sources that are missing, stale or too many`() throws {
    try caller.upload([1], as: "a")
    func status(_ sources: [JSONValue]) throws -> Int {
      try caller.call("POST", "\(Caller.objects)/c/compose", json: ["sourceObjects": .array(sources)]).status
    }
    #expect(try status([]) == 400)
    #expect(try status([["name": "none"]]) == 404)
    #expect(try status([["name": "a", "generation": "1"]]) == 404)
    #expect(try status([["name": "a", "objectPreconditions": ["ifGenerationMatch": "1"]]]) == 412)
    #expect(try status(Array(repeating: ["name": "a"], count: 33)) == 400)
    #expect(try status(Array(repeating: ["name": "a"], count: 32)) == 200)
  }

  @Test func `rewrite may need several calls`() throws {
    var options = StorageOptions()
    options.rewriteBytesPerCall = 2
    let caller = Caller(options)
    try caller.upload([1, 2, 3, 4, 5], as: "a")
    let path = "\(Caller.objects)/a/rewriteTo/b/models/o/b"
    var token: String?
    var done: [String] = []
    repeat {
      let answer = try caller.call("POST", path + (token.map { "?rewriteToken=\($0)" } ?? ""))
      try #require(answer.status == 200)
      done.append(try answer.json["totalBytesRewritten"]?.asString ?? "")
      token = try answer.json["rewriteToken"]?.asString
    } while token != nil
    #expect(done == ["2", "4", "5"])
    #expect(try caller.storage.bytes(of: "b", in: "models") == [1, 2, 3, 4, 5])
    #expect(try caller.call("POST", "\(path)?rewriteToken=other").status == 400)
  }

  @Test func `copies mind the preconditions of both ends`() throws {
    try caller.upload([1], as: "a")
    let path = "\(Caller.objects)/a/copyTo/b/models/o/b"
    #expect(try caller.call("POST", "\(path)?ifSourceGenerationMatch=1").status == 412)
    #expect(try caller.call("POST", "\(path)?ifGenerationMatch=1").status == 412)
    #expect(try caller.call("POST", "\(path)?ifGenerationMatch=0").status == 200)
    #expect(try caller.call("POST", "\(path)?sourceGeneration=1").status == 404)
    #expect(try caller.call("POST", "\(Caller.objects)/a/moveTo/o/c").status == 200)
    #expect(caller.storage.objects(in: "models").map(\.name) == ["b", "c"])
  }
}
