import CloudSimulator
import RegistryModel
import Testing

@Suite struct ObjectTests {
  private let caller = Caller()

  @Test func `an object's resource has every 64-bit integer as a string, and checksums`() throws {
    let object = try caller.upload(Array("hello".utf8), as: "a/b")
    #expect(object["size"] == "5")
    #expect(object["generation"]?.asString?.count == 16)
    #expect(object["metageneration"] == "1")
    #expect(object["md5Hash"] == "XUFAKrxLKna5cZ2REBfFkg==")
    #expect(object["crc32c"] == "mnG7TA==")
    #expect(object["timeCreated"] == "2026-01-05T10:15:00.000Z")
    #expect(
      object["mediaLink"]?.asString?.hasPrefix("http://127.0.0.1:9/download/storage/v1/b/models/o/a%2Fb?")
        == true)
    #expect(object["id"]?.asString == "models/a/b/\(object["generation"]?.asString ?? "")")
  }

  @Test func `an empty object has the checksums of nothing`() throws {
    let object = try caller.upload([], as: "empty")
    #expect(object["size"] == "0")
    #expect(object["crc32c"] == "AAAAAA==")
    #expect(object["md5Hash"] == "1B2M2Y8AsgTpgAmY7PhCfg==")
  }

  @Test func `generations grow although the clock stands still`() throws {
    let first = try caller.upload([1], as: "a")["generation"]?.asString
    let second = try caller.upload([1], as: "a")["generation"]?.asString
    #expect(try #require(Int64(first ?? "")) < (try #require(Int64(second ?? ""))))
  }

  @Test func `a name's slash must be encoded in the path`() throws {
    try caller.upload([1], as: "a/b c+ä")
    #expect(try caller.call("GET", "\(Caller.objects)/a%2Fb%20c+%C3%A4").status == 200)
    #expect(try caller.call("GET", "\(Caller.objects)/a/b%20c+%C3%A4").status == 404)
  }

  @Test func `bytes come with a hash, and a part of them without`() throws {
    try caller.upload(Array("hello".utf8), as: "a")
    let whole = try caller.call("GET", "/download/storage/v1/b/models/o/a?alt=media")
    #expect(whole.status == 200)
    #expect(whole.text == "hello")
    #expect(whole.headers["x-goog-hash"] == "crc32c=mnG7TA==,md5=XUFAKrxLKna5cZ2REBfFkg==")
    #expect(whole.headers["x-goog-stored-content-length"] == "5")
    #expect(whole.headers["x-goog-stored-content-encoding"] == "identity")
    #expect(whole.headers["content-disposition"] == "attachment")
    #expect(whole.headers["x-goog-metageneration"] == "1")
    let part = try caller.call("GET", "\(Caller.objects)/a?alt=media", [("Range", "bytes=1-3")])
    #expect(part.status == 206)
    #expect(part.text == "ell")
    #expect(part.headers["Content-Range"] == "bytes 1-3/5")
    #expect(part.headers["x-goog-hash"] == nil)
    #expect(part.headers["x-goog-generation"] == whole.headers["x-goog-generation"])
  }

  @Test(arguments: [
    ("bytes=0-0", 206, "h"), ("bytes=2-", 206, "llo"), ("bytes=-2", 206, "lo"), ("bytes=-9", 206, "hello"),
    ("bytes=3-99", 206, "lo"), ("bytes=3-1", 200, "hello"), ("lines=0-1", 200, "hello"),
    ("bytes=5-", 416, "Request range not satisfiable"), ("bytes=-0", 416, "Request range not satisfiable"),
  ]) func `a range is taken as RFC 9110 has it`(range: String, status: Int, text: String) throws {
    try caller.upload(Array("hello".utf8), as: "a")
    let answer = try caller.call("GET", "\(Caller.objects)/a?alt=media", [("Range", range)])
    #expect(answer.status == status)
    #expect(answer.text == text)
    if status == 416 {
      #expect(answer.contentType.hasPrefix("text/html"))
      #expect(answer.headers["Content-Range"] == "bytes */5")
    }
  }

  @Test func `an error is JSON, but text where bytes were asked for`() throws {
    let json = try caller.call("GET", "\(Caller.objects)/none")
    #expect(json.status == 404)
    #expect(json.reason == "notFound")
    let text = try caller.call("GET", "\(Caller.objects)/none?alt=media")
    #expect(text.status == 404)
    #expect(text.contentType.hasPrefix("text/html"))
    #expect(text.text == "No such object: models/none")
    #expect(try caller.call("GET", "/storage/v1/b/other/o/none").text.contains("bucket does not exist"))
  }

  @Test func `a pinned generation that is gone is not found`() throws {
    let first = try caller.upload([1], as: "a")["generation"]?.asString ?? ""
    #expect(try caller.call("GET", "\(Caller.objects)/a?alt=media&generation=\(first)").status == 200)
    try caller.upload([2], as: "a")
    #expect(try caller.call("GET", "\(Caller.objects)/a?alt=media&generation=\(first)").status == 404)
  }

  @Test func `a deleted object is not there to delete again`() throws {
    try caller.upload([1], as: "a")
    #expect(try caller.call("DELETE", "\(Caller.objects)/a").status == 204)
    #expect(try caller.call("DELETE", "\(Caller.objects)/a").status == 404)
  }

  @Test func `a patch merges metadata, and changes the metageneration alone`() throws {
    let old = try caller.upload([1], as: "a")
    _ = try caller.call("PATCH", "\(Caller.objects)/a", json: ["metadata": ["k": "v", "old": "x"]])
    let answer = try caller.call("PATCH", "\(Caller.objects)/a", json: ["metadata": ["old": nil, "n": "1"]])
    let new = try answer.json
    #expect(new["metadata"] == ["k": "v", "n": "1"])
    #expect(new["metageneration"] == "3")
    #expect(new["generation"] == old["generation"])
    #expect(new["etag"] != old["etag"])
    #expect(try caller.call("PATCH", "\(Caller.objects)/a", json: ["metadata": ["n": 1]]).status == 400)
    #expect(try caller.call("PATCH", "\(Caller.objects)/a", json: ["metdata": [:]]).status == 400)
  }

  @Test func `metadata has at most 8 KiB`() throws {
    try caller.upload([1], as: "a")
    let long = String(repeating: "x", count: 8192)
    #expect(
      try caller.call("PATCH", "\(Caller.objects)/a", json: ["metadata": ["k": .string(long)]]).status == 400)
  }

  @Test func `an object that is held is neither deleted nor overwritten`() throws {
    try caller.upload([1], as: "a")
    _ = try caller.call("PATCH", "\(Caller.objects)/a", json: ["temporaryHold": true])
    #expect(try caller.call("DELETE", "\(Caller.objects)/a").status == 403)
    #expect(try caller.call("POST", "\(Caller.uploads)?uploadType=media&name=a").status == 403)
    _ = try caller.call("PATCH", "\(Caller.objects)/a", json: ["temporaryHold": false])
    #expect(try caller.call("DELETE", "\(Caller.objects)/a").status == 204)
  }

  @Test func `a parameter that the method doesn't have is refused`() throws {
    try caller.upload([1], as: "a")
    let answer = try caller.call("DELETE", "\(Caller.objects)/a?ifGenerationMatches=1")
    #expect(answer.status == 400)
    #expect(answer.reason == "invalidParameter")
    #expect(try caller.call("DELETE", "\(Caller.objects)/a?ifGenerationMatch=x").status == 400)
  }

  @Test func `fields selects, and refuses what an object can't have`() throws {
    try caller.upload([1], as: "a")
    let answer = try caller.call("GET", "\(Caller.objects)/a?fields=name,size")
    #expect(try answer.json == ["name": "a", "size": "1"])
    #expect(try caller.call("GET", "\(Caller.objects)/a?fields=nmae").status == 400)
  }

  @Test func `changes of one object faster than the limit are refused`() throws {
    var options = StorageOptions()
    options.mutationsPerSecond = 1
    let caller = Caller(options)
    try caller.upload([1], as: "a")
    try caller.upload([1], as: "b")
    let answer = try caller.call("POST", "\(Caller.uploads)?uploadType=media&name=a")
    #expect(answer.status == 429)
    #expect(answer.reason == "rateLimitExceeded")
    caller.clock.advance(seconds: 1)
    try caller.upload([1], as: "a")
  }

  @Test func `a corrupted object keeps its checksums`() throws {
    let before = try caller.upload([1, 2, 3], as: "a")
    try caller.storage.corrupt("a", in: "models", at: 1)
    #expect(try caller.call("GET", "\(Caller.objects)/a?alt=media").bytes == [1, 0xfd, 3])
    #expect(try caller.call("GET", "\(Caller.objects)/a").json == before)
  }
}
