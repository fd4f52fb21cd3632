import RegistryModel
import Testing

@Suite struct JSONScannerTests {
  /// Whether the scanner takes a document, given in pieces of this size.
  private func takes(_ bytes: [UInt8], piece: Int) -> Bool {
    var scanner = JSONScanner()
    do {
      var rest = bytes[...]
      while !rest.isEmpty {
        try Array(rest.prefix(piece)).withUnsafeBytes { try scanner.feed($0) }
        rest = rest.dropFirst(piece)
      }
      try scanner.finish()
      return true
    } catch {
      return false
    }
  }

  static let documents = [
    "{}", "[]", "null", "true", "0", "-1.5e-7", "\"\"", "{\"a\":[1,2,{\"b\":null}],\"c\":\"\\u00e4\\n\"}",
    " [ 1 , 2 ] ",
    "[[[[]]]]", "\"ü🤖\"", "", " ", "{", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "[1 2]", "01",
    "1.", ".5", "+1",
    "1e", "--1", "nul", "NaN", "Infinity", "\"\u{1}\"", "\"\\x\"", "\"\\u12g4\"", "\"", "{}{}", "{} x", "]",
    "[}", "{]",
    "\"\\", "[\"a\":1]", "{\"a\":1 \"b\":2}", "1e5", "1E+5", "[tru]", "\u{feff}{}",
  ]

  @Test func `it takes what the parser takes, whatever the pieces`() {
    for text in Self.documents {
      let bytes = Array(text.utf8)
      let expected = (try? JSONValue(parsing: bytes)) != nil
      for piece in [1, 2, 3, 7, 1000] {
        #expect(takes(bytes, piece: piece) == expected, "\(text.debugDescription) in pieces of \(piece)")
      }
    }
  }

  @Test func `bytes that are no UTF-8 are refused as the parser refuses them`() {
    let bad: [[UInt8]] = [
      [0xff], [0xc0, 0x80], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82],
      [0x80],
      [0xf0, 0x9f, 0xa4], [0xc3, 0xa4], [0xf0, 0x9f, 0xa4, 0x96],
    ]
    for bytes in bad {
      let document = Array("\"".utf8) + bytes + Array("\"".utf8)
      let expected = (try? JSONValue(parsing: document)) != nil
      for piece in [1, 2, 100] { #expect(takes(document, piece: piece) == expected, "\(bytes)") }
    }
  }

  @Test func `mutations of documents are judged alike`() {
    var state: UInt64 = 7
    func random(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    let alphabet = Array("{}[]:,\"\\ntrue0123-.eE+ \u{7f}ä".utf8)
    var accepted = 0
    for _ in 0..<4000 {
      var bytes = Array(Self.documents[random(12)].utf8)
      for _ in 0...random(3) {
        let place = random(bytes.count + 1)
        switch random(3) {
        case 0: bytes.insert(alphabet[random(alphabet.count)], at: place)
        case 1 where place < bytes.count: bytes.remove(at: place)
        default: if place < bytes.count { bytes[place] = alphabet[random(alphabet.count)] }
        }
      }
      // What only a parser sees, and the scanner says so: a key that occurs twice, a surrogate or noncharacter.
      let parsed = Result { try JSONValue(parsing: bytes) }
      if case .failure(let error) = parsed, "\(error)".contains("twice") { continue }
      let expected = (try? parsed.get()) != nil
      accepted += expected ? 1 : 0
      #expect(
        takes(bytes, piece: 1 + random(5)) == expected,
        "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
    }
    #expect(accepted > 200)
  }

  @Test func `it counts what is asked for, of the outermost object alone`() throws {
    var scanner = JSONScanner(watching: ["steps", "metadata"])
    let text = #"{"metadata":{"steps":[1,2,3]},"other":[{"steps":[{}]}],"steps":[{"a":[{},{}]},{},3,[{}]]}"#
    try Array(text.utf8).withUnsafeBytes { try scanner.feed($0) }
    try scanner.finish()
    #expect(scanner.found["metadata"] == JSONScanner.Found(kind: .object))
    #expect(scanner.found["steps"] == JSONScanner.Found(kind: .array, count: 4, objects: 2))
    #expect(scanner.found["other"] == nil && scanner.objects == 1)
    var deep = JSONScanner()
    #expect(throws: RegistryError.self) {
      try [UInt8](repeating: UInt8(ascii: "["), count: 100).withUnsafeBytes { try deep.feed($0) }
    }
  }

  @Test func `lines are counted, and one that breaks off is an error`() throws {
    func count(_ text: String) throws -> (Int, Int) {
      var scanner = JSONScanner(lines: true)
      try Array(text.utf8).withUnsafeBytes { try scanner.feed($0) }
      try scanner.finish()
      return (scanner.documents, scanner.objects)
    }
    #expect(try count("{}\n{\"a\":1}\n") == (2, 2))
    #expect(try count("{}\n\n[1]\n3") == (3, 1))
    #expect(try count("") == (0, 0))
    for text in ["{}{}", "{}\n{", "{}\n{\"a\":", "{}\nx\n"] {
      #expect(throws: RegistryError.self, "\(text)") { _ = try count(text) }
    }
  }
}
