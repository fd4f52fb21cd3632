import CloudSimulator
import RegistryModel
import Testing

@Suite struct UploadTests {
  private let caller = Caller()

  private func multipart(
    _ metadata: JSONValue, _ bytes: [UInt8], type: String = "text/plain", line: String = "\r\n",
    query: String = "", _ headers: [(String, String)] = []
  ) throws -> Answer {
    var body = Array("--sep\(line)Content-Type: application/json; charset=UTF-8\(line)\(line)".utf8)
    body += metadata.canonicalBytes
    body += Array("\(line)--sep\(line)Content-Type: \(type)\(line)\(line)".utf8)
    body += bytes
    body += Array("\(line)--sep--\(line)".utf8)
    return try caller.call(
      "POST", "\(Caller.uploads)?uploadType=multipart\(query)",
      [("Content-Type", "multipart/related; boundary=\"sep\"")] + headers, body: body)
  }

  @Test(arguments: ["\r\n", "\n"], [[], Array("\r\n--se\r\n\n".utf8), pattern(3000)])
  func `both line ends are accepted, and bytes are kept as they are`(line: String, bytes: [UInt8]) throws {
    let metadata: JSONValue = ["name": "a", "contentType": "text/plain", "metadata": ["sha256": "00"]]
    let answer = try multipart(metadata, bytes, line: line)
    #expect(answer.status == 200, "\(answer.text)")
    #expect(try caller.storage.bytes(of: "a", in: "models") == bytes)
    #expect(caller.storage.object("a", in: "models")?.metadata == ["sha256": "00"])
  }

  @Test func `the name in the query counts more than the one in the body`() throws {
    _ = try multipart(["name": "body"], [1], query: "&name=query")
    #expect(caller.storage.objects(in: "models").map(\.name) == ["query"])
    #expect(try multipart([:], [1]).status == 400)
  }

  @Test func `two content types that differ are refused`() throws {
    let answer = try multipart(["name": "a", "contentType": "text/html"], [1])
    #expect(answer.status == 400)
    #expect(
      answer.text.contains(
        "Content-Type specified in the upload (text/plain) does not match Content-Type specified in metadata "
          + "(text/html)."))
  }

  @Test(arguments: [
    ("crc32c", "AAAAAA==", #"Provided CRC32C \"AAAAAA==\" doesn't match calculated CRC32C"#),
    ("crc32c", "AAA", "Invalid argument."),
    (
      "md5Hash", "1B2M2Y8AsgTpgAmY7PhCfg==",
      #"Provided MD5 hash \"1B2M2Y8AsgTpgAmY7PhCfg==\" doesn't match calculated MD5 hash"#
    ),
    ("md5Hash", "1B2M", "Provided value (1B2M) is not a base64-encoded 128-bit MD5 hash."),
  ]) func `wrong checksums store nothing`(field: String, claim: String, message: String) throws {
    let answer = try multipart(.object(["name": "a", field: .string(claim)]), Array("hello".utf8))
    #expect(answer.status == 400)
    #expect(answer.reason == "invalid")
    #expect(answer.text.contains(message), "\(answer.text)")
    #expect(caller.storage.objects(in: "models").isEmpty)
  }

  @Test func `the header X-Goog-Hash is checked`() throws {
    let hello = Array("hello".utf8)
    #expect(try multipart(["name": "a"], hello, [("X-Goog-Hash", "crc32c=mnG7TA==")]).status == 200)
    #expect(try multipart(["name": "b"], hello, [("X-Goog-Hash", "crc32c=AAAAAA==")]).status == 400)
    let both = [("X-Goog-Hash", "crc32c=mnG7TA==,md5=1B2M2Y8AsgTpgAmY7PhCfg==")]
    #expect(try multipart(["name": "c"], hello, both).status == 400)
    #expect(caller.storage.objects(in: "models").map(\.name) == ["a"])
  }

  @Test(arguments: ["", "--sep\r\n", "--other--", "--sep\r\n\r\n{}\r\n--sep--"])
  func `a malformed body is refused`(body: String) throws {
    let answer = try caller.call(
      "POST", "\(Caller.uploads)?uploadType=multipart&name=a",
      [("Content-Type", "multipart/related; boundary=sep")], body: Array(body.utf8))
    #expect(answer.status == 400)
  }

  @Test func `a body that broke stores nothing`() throws {
    _ = try caller.call(
      "POST", "\(Caller.uploads)?uploadType=media&name=a", body: [1, 2], isBodyComplete: false)
    #expect(caller.storage.objects(in: "models").isEmpty)
  }
}
