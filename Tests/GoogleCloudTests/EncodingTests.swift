import GoogleCloud
import RegistryModel
import Testing

@Suite struct EncodingTests {
  @Test func `everything but unreserved characters is percent-encoded`() {
    #expect(PercentEncoding.encode("models/a b+c/ü~._-9") == "models%2Fa%20b%2Bc%2F%C3%BC~._-9")
    #expect(PercentEncoding.encode(fields: [("a", "1&2"), ("b", "")]) == "a=1%262&b=")
  }

  // RFC 4648, section 10.
  static let texts = [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ]
  @Test(arguments: texts) func `base 64 comes out and back`(_ text: String, _ encoded: String) {
    #expect(Base64.encode(text.utf8) == encoded)
    #expect(Base64.decode(encoded) == Array(text.utf8))
  }

  @Test func `base 64 for addresses has other characters and no padding`() {
    #expect(Base64.encodeForAddress([0xfb, 0xff, 0xfe, 0xff]) == "-__-_w")
  }

  @Test(arguments: ["Z", "Zg", "Zg=", "Z===", "=Zg=", "Zg==Zg==", "Zm 8", "Zm8-"])
  func `what isn't base 64 is refused`(_ text: String) {
    #expect(Base64.decode(text) == nil)
  }

  @Test func `a checksum is four bytes, the highest first`() throws {
    // From a recorded answer of the service.
    #expect(ObjectChecksum.text(CRC32C.of([])) == "AAAAAA==")
    let value = try #require(ObjectChecksum.value("PjCw/w=="))
    #expect(value == 0x3e30_b0ff)
    #expect(ObjectChecksum.text(value) == "PjCw/w==")
    #expect(ObjectChecksum.value("PjCw") == nil)
    let headers: HTTPHeaders = ["X-Goog-Hash": "md5=1B2M2Y8AsgTpgAmY7PhCfg==, crc32c=PjCw/w=="]
    #expect(ObjectChecksum.value(in: headers, "x-goog-hash") == value)
  }

  @Test func `addresses are taken apart`() throws {
    let address = try HTTPAddress(parsing: "HTTPS://Storage.Example:8443/a%2Fb?upload_id=secret")
    #expect(address.origin == "https://storage.example:8443")
    #expect(address.description == "HTTPS://Storage.Example:8443/a%2Fb")
    #expect(try HTTPAddress(parsing: "http://[::1]/").port == 80)
    #expect(try HTTPAddress(parsing: "http://[::1]:81").port == 81)
    #expect(try HTTPAddress(parsing: "http://127.0.0.1:9000").isPrivate)
    #expect(try !HTTPAddress(parsing: "http://example.org").isPrivate)
    for name in ["127.evil.example", "127.0.0.1.example", "127.0.0", "127.0.0.256"] {
      #expect(try !HTTPAddress(parsing: "http://\(name)").isPrivate, "\(name)")
    }
  }

  @Test(
    arguments: [
      "file:///etc/passwd", "ftp://a/", "a", "http://", "http:///x", "https://user:word@host/",
      "https://h:0/",
      "https://h:65536/", "https://h:x/", "https://h/a b", "https://h/#f", "https://h\r\nX: y/", "https://ü/",
    ])
  func `other addresses are refused, and not shown`(_ text: String) {
    let error = failure { try HTTPAddress(parsing: text) }
    #expect(error?.code == .usage)
    #expect(error?.description.contains("word") == false)
  }

  @Test func `secrets are taken out of what servers say`() {
    let clean = Redaction.clean(
      "<a href=\"https://h/x?UPLOAD_ID=s3cret&x=1\">\n Bearer  abc ya29.zzz, ok\u{1b}")
    #expect(!clean.contains("s3cret") && !clean.contains("zzz") && !clean.contains("\u{1b}"))
    #expect(clean.contains("x=1") && clean.contains("ok"))
    #expect(Redaction.clean(String(repeating: "x", count: 5000)).count == 301)
  }

  @Test func `buckets and prefixes are read strictly`() throws {
    let location = try BucketLocation(parsing: "gs://continuon-models/models/x/")
    #expect(location.bucket == "continuon-models")
    #expect(location.prefix == "models/x")
    #expect(location.description == "gs://continuon-models/models/x")
    #expect(try BucketLocation(parsing: "gs://abc").description == "gs://abc")
    for text in ["", "gs://", "s3://abc", "gs://ab", "gs://Abc", "gs://-abc", "gs://abc//x", "gs://abc/../x"]
    {
      #expect(failure { try BucketLocation(parsing: text) }?.code == .usage, "\(text)")
    }
  }

  @Test(arguments: ["http://127.0.0.1:9000", "127.0.0.1:9000", "http://127.0.0.1:9000/"])
  func `an emulator is named with or without its scheme`(_ text: String) throws {
    #expect(try StorageEndpoint(environment: ["STORAGE_EMULATOR_HOST": text]).isEmulator)
    #expect(try !StorageEndpoint(environment: [:]).isEmulator)
    #expect(
      failure { try StorageEndpoint(environment: ["STORAGE_EMULATOR_HOST": "ftp://x"]) }?.code == .usage)
    #expect(failure { try StorageEndpoint(base: "http://example.org", isEmulator: false) }?.code == .usage)
  }
}
