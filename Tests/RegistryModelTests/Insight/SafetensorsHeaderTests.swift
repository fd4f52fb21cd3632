import Mutations
import RegistryModel
import Testing

@Suite struct SafetensorsHeaderTests {
  private static func prefix(_ length: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) }
  }

  private static let two = """
    {"__metadata__":{"format":"np"},"b":{"dtype":"F16","shape":[2,3],"data_offsets":[4,16]},\
    "a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}
    """

  @Test func `tensors come in the order of their bytes, whatever the order of the fields`() throws {
    let header = try SafetensorsHeader(parsing: "\(Self.two)   ".utf8, dataBytes: 16)
    #expect(header.metadata == ["format": "np"])
    #expect(
      header.tensors == [
        Tensor(name: "a", dtype: "F32", shape: [], range: 0..<4),
        Tensor(name: "b", dtype: "F16", shape: [2, 3], range: 4..<16),
      ])
    #expect(header.tensors.map(\.bytes) == [4, 12])
  }

  @Test(arguments: [
    ("{}", 0), (#"{"e":{"dtype":"I64","shape":[0,5],"data_offsets":[0,0]}}"#, 0),
    (#"{"p":{"dtype":"F4","shape":[6],"data_offsets":[0,3]}}"#, 3),
    (
      #"{"z":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"e":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}}"#,
      4
    ),
  ]) func `what the reference accepts is accepted`(json: String, dataBytes: Int64) throws {
    _ = try SafetensorsHeader(parsing: json.utf8, dataBytes: dataBytes)
  }

  @Test(
    arguments: [
      ([], 0, "ends before"), ([1, 2, 3], 3, "ends before"), (prefix(9), 16, "the file has 16"),
      (prefix(8), 7, "ends before"), (prefix(100_000_001), Int64.max, "the format allows 100000000"),
      (prefix(UInt64.max), Int64.max, "the format allows"), (prefix(1 << 63), 100, "the format allows"),
      (prefix(16_777_217), Int64.max, "at most 16777216 are read here"),
    ] as [([UInt8], Int64, String)])
  func `lengths that can't be are refused`(prefix: [UInt8], fileBytes: Int64, why: String) {
    let error = refusal { () throws(RegistryError) in
      try SafetensorsHeader.length(prefix: prefix, fileBytes: fileBytes)
    }
    #expect(error?.code == .integrity)
    #expect(error?.message.contains(why) == true, "\(error?.message ?? "")")
  }

  @Test func `a length is little-endian`() throws {
    #expect(try SafetensorsHeader.length(prefix: [2, 1, 0, 0, 0, 0, 0, 0, 0x7b], fileBytes: 266) == 258)
  }

  private static func one(_ tensor: String) -> String { "{\"a\":\(tensor)}" }
  private static func bytes(_ begin: Int, _ end: Int, _ name: String = "a") -> String {
    "\"\(name)\":{\"dtype\":\"U8\",\"shape\":[\(end - begin)],\"data_offsets\":[\(begin),\(end)]}"
  }

  @Test(arguments: [
    ("", "begin with {"), ("[]", "begin with {"), (" {}", "begin with {"), ("{", "a string is needed"),
    ("{}x", "follows the header"), ("{}{}", "follows the header"), ("{\"a\":1}", "an object is needed"),
    (one("{}"), "lacks its dtype"), (one("{\"dtype\":\"U8\",\"shape\":[4]}"), "lacks its dtype"),
    ("{\(bytes(0, 4)),\(bytes(0, 4))}", "occurs twice"),
    ("{\(bytes(0, 4)),\"\\u0061\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[4,4]}}", "occurs twice"),
    ("{\"__metadata__\":{},\"__metadata__\":{}}", "occurs twice"),
    ("{\"__metadata__\":{\"a\":\"1\",\"a\":\"1\"}}", "occurs twice"),
    ("{\"__metadata__\":{\"a\":1}}", "string is needed"),
    ("{\"__metadata__\":[]}", "an object is needed"),
    (one("{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}"), "occurs twice"),
    (one("{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4],\"x\":1}"), "unknown field"),
    (one("{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}"), "unknown dtype"),
    (one("{\"dtype\":\"f32\",\"shape\":[1],\"data_offsets\":[0,4]}"), "unknown dtype"),
    (one("{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}"), "make 8"),
    (one("{\"dtype\":\"F4\",\"shape\":[7],\"data_offsets\":[0,3]}"), "make 3"),
    (
      one("{\"dtype\":\"F64\",\"shape\":[9007199254740991,9007199254740991],\"data_offsets\":[0,4]}"),
      "overflows"
    ),
    (
      one("{\"dtype\":\"F64\",\"shape\":[9007199254740991,9007199254740991,0],\"data_offsets\":[0,0]}"),
      "overflows"
    ),
    (one("{\"dtype\":\"U8\",\"shape\":[-4],\"data_offsets\":[0,4]}"), "without a sign"),
    (one("{\"dtype\":\"U8\",\"shape\":[4.0],\"data_offsets\":[0,4]}"), "an integer"),
    (one("{\"dtype\":\"U8\",\"shape\":[4e0],\"data_offsets\":[0,4]}"), "an integer"),
    (one("{\"dtype\":\"U8\",\"shape\":[18446744073709551616],\"data_offsets\":[0,4]}"), "an integer"),
    (one("{\"dtype\":\"U8\",\"shape\":4,\"data_offsets\":[0,4]}"), "an array"),
    (one("{\"dtype\":\"U8\",\"shape\":[[4]],\"data_offsets\":[0,4]}"), "without a sign"),
    (one("{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,0]}"), "no beginning and end"),
    (one("{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0]}"), "no beginning and end"),
    (one("{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4,4]}"), "longer than 2"),
    ("{\(bytes(0, 5))}", "ends at byte 5 of 4"), ("{\(bytes(0, 3)),\(bytes(2, 4, "b"))}", "overlaps"),
    ("{\(bytes(0, 4)),\(bytes(0, 4, "b"))}", "overlaps"),
    ("{\(bytes(1, 4))}", "no tensor has the bytes 0 to 1"),
    ("{\(bytes(0, 3))}", "no tensor has the bytes 3 to 4"), ("{}", "no tensor has the bytes 0 to 4"),
    ("{\(bytes(0, 1)),\(bytes(2, 4, "b"))}", "no tensor has the bytes 1 to 2"),
  ]) func `headers that break a rule are refused, and the reason is said`(json: String, why: String) {
    let error = refusal { () throws(RegistryError) in try SafetensorsHeader(parsing: json.utf8, dataBytes: 4)
    }
    #expect(error?.code == .integrity)
    #expect(error?.message.contains(why) == true, "\(error?.message ?? "")")
  }

  @Test func `bytes that are no UTF-8 are refused`() {
    let json = Array("{\"".utf8) + [0xff] + Array("\":{}}".utf8)
    let error = refusal { () throws(RegistryError) in try SafetensorsHeader(parsing: json, dataBytes: 0) }
    #expect(error?.message.contains("UTF-8") == true)
  }

  @Test func `depth and numbers of things are limited`() {
    let deep = String(repeating: "{\"a\":", count: 1_000_000)
    #expect(
      refusal { () throws(RegistryError) in try SafetensorsHeader(parsing: deep.utf8, dataBytes: 0) } != nil)
    let brackets = "{\"a\":{\"shape\":" + String(repeating: "[", count: 1_000_000)
    #expect(
      refusal { () throws(RegistryError) in try SafetensorsHeader(parsing: brackets.utf8, dataBytes: 0) }
        != nil)
    let flat = Self.one(
      "{\"dtype\":\"U8\",\"shape\":[\(Array(repeating: "1", count: 65).joined(separator: ","))]}")
    let tooLong = refusal { () throws(RegistryError) in
      try SafetensorsHeader(parsing: flat.utf8, dataBytes: 0)
    }
    #expect(tooLong?.message.contains("longer than 64") == true)
    let many = (0...Tensor.Limits.tensors).map { Self.bytes(0, 0, "t\($0)") }.joined(separator: ",")
    let tooMany = refusal { () throws(RegistryError) in
      try SafetensorsHeader(parsing: "{\(many)}".utf8, dataBytes: 0)
    }
    #expect(tooMany?.message.contains("more than 65536 tensors") == true)
  }

  @Test func `no mutation of a header makes the parser trap`() {
    var random = SeededGenerator(seed: 7)
    let interesting: [UInt8] = Array("{}[]\":,\\u0-9.eE \u{0}".utf8) + [0x80, 0xff]
    for _ in 0..<4000 {
      var json = Array(Self.two.utf8)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let index = Int.random(in: 0..<json.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: json[index] = interesting.randomElement(using: &random) ?? 0
        case 1: json[index] = UInt8.random(in: 0...255, using: &random)
        case 2: json.insert(contentsOf: json[0...index].suffix(9), at: index)
        default: json.remove(at: index)
        }
      }
      guard let header = try? SafetensorsHeader(parsing: json, dataBytes: 16) else { continue }
      #expect(header.tensors.reduce(0) { $0 + $1.bytes } == 16)
    }
  }
}
