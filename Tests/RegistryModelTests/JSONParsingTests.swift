import RegistryModel
import Testing

@Suite struct JSONParsingTests {
  @Test(
    arguments: [
      ("null", .null), (" true ", true), ("false", false), ("0", 0), ("-0", 0), ("-12", -12), ("1.5e3", 1500),
      ("1E-2", 0.01), ("123456789012345", 123_456_789_012_345), ("9007199254740991", 9_007_199_254_740_991),
      ("\"\"", ""), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u00e9\uD83D\ude00x""#, "é😀x"),
      ("\"é😀\"", "é😀"), ("[]", []), ("[ 1 , [ ] , { } ]", [1, [], [:]]),
      (#"{ "a" : 1 , "b":{"a":null}}"#, ["a": 1, "b": ["a": nil]]),
    ] as [(String, JSONValue)])
  func `documents are read`(text: String, value: JSONValue) throws {
    #expect(try JSONValue(parsing: text.utf8) == value)
  }

  @Test(arguments: [
    ("", 0), ("  ", 2), ("nul", 0), ("True", 0), ("nan", 0), ("01", 0), ("-", 1), ("+1", 0), (".5", 0),
    ("1.", 2),
    ("1.e1", 2), ("1e", 2), ("1e+", 3), ("-01", 0), ("0x1", 1), ("1e400", 0), ("[-1e999]", 1), ("[1,]", 3),
    ("[,1]", 1), ("[1 2]", 3), ("[1", 2), ("{\"a\"}", 4), ("{\"a\":}", 5), ("{\"a\":1,}", 7), ("{a:1}", 1),
    ("{\"a\":1", 6), ("1 1", 2), ("null null", 5), ("[]]", 2), ("\"abc", 0), ("'a'", 0), ("\"a\nb\"", 2),
    ("\"\\x\"", 1), ("\"\\", 1), ("\"\\u12\"", 1), ("\"\\u12g4\"", 1), ("\"\\u+123\"", 1),
    ("\"a\\ud800\"", 2),
    ("\"\\udc00\"", 1), ("\"\\udc00\\udc00\"", 1), ("\"\\ud800\\u0041\"", 1), ("\"\\ud800\\ud800\"", 1),
    ("\"\\uffff\"", 0),
    ("\"\\ufdd0\"", 0), ("\"\\ud83f\\udfff\"", 0), ("\u{feff}1", 0), ("// a\n1", 0), ("{\"a\":1,\"a\":1}", 7),
    ("{\"b\":{\"a\":1,\"\\u0061\":2}}", 12), ("{\"\u{e9}\":1,\"e\u{301}\":1}", 8), ("[1]\u{0}", 3),
    ("\u{a0}1", 0),
  ])
  func `malformed documents are refused with the offset`(text: String, offset: Int) {
    let error = refusal { () throws(RegistryError) in try JSONValue(parsing: text.utf8) }
    #expect(error?.code == .integrity)
    #expect(error?.message.contains("at byte \(offset):") == true, "\(error?.message ?? "")")
  }

  @Test(
    arguments: [
      [0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80], [0xe2, 0x82],
    ] as [[UInt8]])
  func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
    let quote = UInt8(ascii: "\"")
    let document = [quote, UInt8(ascii: "a")] + bytes + [quote]
    let error = refusal { () throws(RegistryError) in try JSONValue(parsing: document) }
    #expect(error?.message.contains("UTF-8") == true && error?.message.contains("at byte 2") == true)
    let key = [UInt8(ascii: "{")] + document + Array(":1}".utf8)
    #expect(refusal { () throws(RegistryError) in try JSONValue(parsing: key) } != nil)
  }

  @Test(arguments: [[0xef, 0xb7, 0x90], [0xef, 0xbf, 0xbe], [0xf4, 0x8f, 0xbf, 0xbf]] as [[UInt8]])
  func `noncharacters are refused without an escape too`(bytes: [UInt8]) {
    let document = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
    let error = refusal { () throws(RegistryError) in try JSONValue(parsing: document) }
    #expect(error?.message.contains("noncharacter") == true)
  }

  @Test func `nesting is limited`() throws {
    let deep = { (count: Int) in
      String(repeating: "[", count: count) + String(repeating: "]", count: count)
    }
    _ = try JSONValue(parsing: deep(64).utf8)
    let error = refusal { () throws(RegistryError) in try JSONValue(parsing: deep(65).utf8) }
    #expect(error?.message.contains("at byte 64") == true)
    let hostile = String(repeating: "[{\"a\":", count: 1_000_000)
    #expect(refusal { () throws(RegistryError) in try JSONValue(parsing: hostile.utf8) } != nil)
  }

  @Test func `size is limited`() throws {
    let limits = JSONLimits(maximumBytes: 8, maximumDepth: 1, maximumValues: 2)
    _ = try JSONValue(parsing: "[     1]".utf8, limits: limits)
    let error = refusal { () throws(RegistryError) in
      try JSONValue(parsing: "[      1]".utf8, limits: limits)
    }
    #expect(error?.message.contains("longer than 8 bytes") == true)
    #expect(
      JSONLimits.standard == JSONLimits(maximumBytes: 16_777_216, maximumDepth: 64, maximumValues: 1_000_000))
  }

  @Test func `values are taken out by kind`() throws {
    let value: JSONValue = ["i": 5, "f": 0.5, "s": "x", "b": true, "a": [1], "n": nil, "big": 1e300]
    #expect(value["i"]?.asInt == 5 && value["f"]?.asInt == nil && value["big"]?.asInt == nil)
    #expect(value["i"]?.asDouble == 5 && value["s"]?.asString == "x" && value["b"]?.asBool == true)
    #expect(value["a"]?.asArray == [1] && value["n"]?.isNull == true && value["x"] == nil)
    #expect(value["s"]?.asInt == nil && value["a"]?["i"] == nil && value.asObject?.count == 7)
    #expect(JSONValue.integer(-9_007_199_254_740_991).asInt == -9_007_199_254_740_991)
    #expect(JSONValue.number(9_007_199_254_740_992).asInt == nil)
  }

  @Test func `an integer that a double cannot carry traps`() async {
    await #expect(processExitsWith: .failure) { _ = JSONValue.integer(9_007_199_254_740_992) }
  }
}
