import CloudSimulator
import RegistryModel
import Testing

/// Every case of a resumable upload.
@Suite struct ResumableTests {
  private let caller = Caller()
  private let data = pattern(600_000)
  private static let unit = 262_144

  private func first(_ session: String) throws -> Answer {
    try caller.put(session, "bytes 0-262143/600000", Array(data[..<Self.unit]))
  }

  @Test func `a session starts with 200, an empty text and its address`() throws {
    let answer = try caller.call("POST", "\(Caller.uploads)?uploadType=resumable&name=a%2Fb")
    #expect(answer.status == 200)
    #expect(answer.bytes.isEmpty)
    #expect(answer.contentType.hasPrefix("text/plain"))
    #expect(answer.headers["X-GUploader-UploadID"].map { answer.headers["Location"]?.hasSuffix($0) } == true)
  }

  @Test func `a chunk is answered with what is kept and its checksums`() throws {
    let answer = try first(caller.session("a"))
    #expect(answer.status == 308)
    #expect(answer.bytes.isEmpty)
    #expect(answer.headers["Range"] == "bytes=0-262143")
    let crc = CRC32C.of(Array(data[..<Self.unit]))
    #expect(answer.headers["x-goog-running-hash"] == "crc32c=\(base64(crc))")
    #expect(answer.headers["x-range-md5"]?.count == 32)
  }

  @Test func `the last chunk makes the object`() throws {
    let session = try caller.session("a", json: ["contentType": "x/y", "metadata": ["k": "v"]])
    _ = try first(session)
    let answer = try caller.put(session, "bytes 262144-599999/600000", Array(data[Self.unit...]))
    #expect(answer.status == 200)
    #expect(try answer.json["size"] == "600000")
    #expect(try caller.storage.bytes(of: "a", in: "models") == data)
    #expect(caller.storage.object("a", in: "models")?.contentType == "x/y")
  }

  @Test func `a status query changes nothing`() throws {
    let session = try caller.session("a")
    for query in ["bytes */600000", "bytes */*"] {
      let answer = try caller.put(session, query)
      #expect(answer.status == 308)
      #expect(answer.headers["Range"] == nil)
      #expect(answer.headers["x-goog-running-hash"] == nil)
    }
    _ = try first(session)
    for query in ["bytes */600000", "bytes */*", "bytes */100", "bytes */700000"] {
      let answer = try caller.put(session, query)
      #expect(answer.status == 308, "\(query)")
      #expect(answer.headers["Range"] == "bytes=0-262143")
    }
    #expect(caller.storage.objects(in: "models").isEmpty)
  }

  @Test func `a status query with the size that is stored ends an upload of unknown size`() throws {
    let session = try caller.session("a")
    _ = try caller.put(session, "bytes 0-262143/*", Array(data[..<Self.unit]))
    #expect(try caller.put(session, "bytes */*").status == 308)
    #expect(try caller.put(session, "bytes */262144").status == 200)
    let empty = try caller.session("empty")
    #expect(try caller.put(empty, "bytes */0").status == 200)
  }

  @Test func `a gap is 503 in plain text`() throws {
    let session = try caller.session("a")
    _ = try first(session)
    let answer = try caller.put(session, "bytes 524288-599999/600000", Array(data[524_288...]))
    #expect(answer.status == 503)
    #expect(answer.contentType.hasPrefix("text/plain"))
    #expect(
      answer.text
        == "Invalid request.  According to the Content-Range header, the upload offset is 524288 byte(s), which "
        + "exceeds already uploaded size of 262144 byte(s).")
    #expect(try caller.put(session, "bytes */*").headers["Range"] == "bytes=0-262143")
  }

  @Test func `bytes that are stored already are ignored`() throws {
    let session = try caller.session("a")
    _ = try first(session)
    var others = data
    others[0] ^= 0xff
    #expect(try caller.put(session, "bytes 0-599999/600000", others).status == 200)
    #expect(try caller.storage.bytes(of: "a", in: "models") == data)
  }

  @Test func `a broken PUT keeps its bytes, rounded down`() throws {
    let session = try caller.session("a")
    _ = try caller.put(session, "bytes 0-599999/600000", Array(data[..<300_000]), breaks: true)
    #expect(try caller.put(session, "bytes */600000").headers["Range"] == "bytes=0-262143")
    _ = try caller.put(session, "bytes 262144-599999/600000", Array(data[262_144..<599_999]), breaks: true)
    #expect(try caller.put(session, "bytes */600000").headers["Range"] == "bytes=0-524287")
    #expect(try caller.put(session, "bytes 524288-599999/600000", Array(data[524_288...])).status == 200)
    #expect(try caller.storage.bytes(of: "a", in: "models") == data)
  }

  @Test func `a whole upload in one PUT needs no Content-Range`() throws {
    let session = try caller.session("a")
    #expect(try caller.call("PUT", session, body: data).status == 200)
    let broken = try caller.session("b")
    _ = try caller.call("PUT", broken, body: Array(data[..<300_000]), isBodyComplete: false)
    #expect(try caller.put(broken, "bytes */*").headers["Range"] == "bytes=0-262143")
  }

  @Test func `a chunk that isn't aligned is kept in part or refused`() throws {
    let session = try caller.session("a")
    let large = try caller.put(session, "bytes 0-299999/600000", Array(data[..<300_000]))
    #expect(large.status == 308)
    #expect(large.headers["Range"] == "bytes=0-262143")
    let small = try caller.put(session, "bytes 262144-262243/600000", Array(data[262_144..<262_244]))
    #expect(small.status == 400)
    #expect(small.text.contains("required to be equal or greater than 262144, except for the final request"))
  }

  @Test func `a body of another length than its range is refused`() throws {
    let session = try caller.session("a")
    #expect(try caller.put(session, "bytes 0-599999/600000", [1, 2, 3]).status == 400)
    #expect(try caller.put(session, "bytes 0-1/600000", [1, 2, 3]).status == 400)
    #expect(try caller.put(session, "bytes 5-1/600000", [1]).status == 400)
    #expect(try caller.put(session, "bytes 0-1", [1, 2]).status == 400)
  }

  @Test func `after the end, every PUT is answered with what is stored`() throws {
    let session = try caller.session("a")
    #expect(try caller.put(session, "bytes 0-599999/600000", data).status == 200)
    for range in ["bytes */600000", "bytes */*", "bytes */1", "bytes 0-9/10"] {
      let body = range == "bytes 0-9/10" ? Array(data[..<10]) : []
      let answer = try caller.put(session, range, body)
      #expect(answer.status == 200)
      #expect(try answer.json["size"] == "600000")
    }
  }

  @Test func `a cancelled session is 499, and then gone`() throws {
    let session = try caller.session("a")
    #expect(try caller.call("DELETE", session).status == 499)
    #expect(try caller.put(session, "bytes */*").status == 410)
  }

  @Test func `a session that expired is 410 within a week, and 404 later`() throws {
    let session = try caller.session("a")
    caller.storage.expireSessions()
    #expect(try caller.put(session, "bytes */*").status == 410)
    caller.clock.advance(seconds: 7 * 86_400)
    #expect(try caller.put(session, "bytes */*").status == 404)
    #expect(
      try caller.put("\(Caller.uploads)?uploadType=resumable&upload_id=none", "bytes */*").status == 404)
  }

  @Test func `a precondition is checked at the start and at the end`() throws {
    let session = try caller.session("a", "&ifGenerationMatch=0")
    try caller.upload([1], as: "a")
    let start = try caller.call("POST", "\(Caller.uploads)?uploadType=resumable&name=a&ifGenerationMatch=0")
    #expect(start.status == 412)
    let end = try caller.put(session, "bytes 0-599999/600000", data)
    #expect(end.status == 412)
    #expect(end.reason == "conditionNotMet")
    #expect(try caller.storage.bytes(of: "a", in: "models") == [1])
  }

  @Test func `checksums of the start and of the last request are checked`() throws {
    let crc = base64(CRC32C.of(data))
    let good = try caller.session("good", json: ["crc32c": .string(crc)])
    let header = [("X-Goog-Hash", "crc32c=\(crc)")]
    #expect(try caller.put(good, "bytes 0-599999/600000", data, header).status == 200)
    let bad = try caller.session("bad")
    #expect(
      try caller.put(bad, "bytes 0-599999/600000", data, [("X-Goog-Hash", "crc32c=AAAAAA==")]).status == 400)
    #expect(try caller.put(bad, "bytes */600000").status == 410)
    #expect(caller.storage.object("bad", in: "models") == nil)
  }

  @Test func `without 308 the state is in a header of 200`() throws {
    let session = try caller.session("a")
    let answer = try caller.put(
      session, "bytes 0-262143/600000", Array(data[..<Self.unit]), [("X-GUploader-No-308", "yes")])
    #expect(answer.status == 200)
    #expect(answer.headers["X-HTTP-Status-Code-Override"] == "308")
    #expect(answer.headers["Range"] == "bytes=0-262143")
  }

  @Test func `a service that loses or makes up bytes`() throws {
    let session = try caller.session("a")
    _ = try first(session)
    try caller.storage.resizeSession(of: "a", to: 0)
    #expect(try caller.put(session, "bytes */*").headers["Range"] == nil)
    try caller.storage.resizeSession(of: "a", to: 524_288)
    #expect(try caller.put(session, "bytes */*").headers["Range"] == "bytes=0-524287")
    try caller.storage.finishSession(of: "a")
    let answer = try caller.put(session, "bytes */600000")
    #expect(answer.status == 200)
    #expect(try answer.json["size"] == "524288")
  }

  @Test func `an announced size must be the size`() throws {
    let answer = try caller.call(
      "POST", "\(Caller.uploads)?uploadType=resumable&name=a", [("X-Upload-Content-Length", "600000")])
    let session = try #require(answer.headers["Location"]).replacing("http://127.0.0.1:9", with: "")
    #expect(try caller.put(session, "bytes 0-9/10", Array(data[..<10])).status == 400)
    #expect(try caller.call("PUT", session, body: [1]).status == 400)
  }

  /// Base64 of the four bytes of a checksum, the highest first.
  private func base64(_ crc: UInt32) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    let bits = UInt64(crc) << 4
    return String((0..<6).map { alphabet[Int(bits >> (30 - 6 * UInt64($0)) & 63)] }) + "=="
  }
}
