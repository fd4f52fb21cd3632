import Mutations
import RegistryModel
import Testing

@Suite struct NpyHeaderTests {
  private static func npy(_ literal: String, version: UInt8 = 1) -> [UInt8] {
    npy(Array(literal.utf8), version: version)
  }

  private static func npy(_ literal: [UInt8], version: UInt8 = 1) -> [UInt8] {
    let length = (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: literal.count >> (8 * $0)) }
    return NpyHeader.magic + [version, 0] + length + literal
  }

  private static func header(_ descr: String, _ shape: String = "(2, 3)", order: String = "False") -> String {
    "{'descr': \(descr), 'fortran_order': \(order), 'shape': \(shape), }          \n"
  }

  @Test(arguments: [1, 2, 3] as [UInt8]) func `the versions of the format are read`(version: UInt8) throws {
    let bytes = Self.npy(Self.header("'<f4'"), version: version)
    let header = try NpyHeader(parsing: bytes + [1, 2, 3])
    #expect(header.dtype == "<f4" && header.shape == [2, 3] && header.dataBytes == 24)
    #expect(!header.isColumnMajor && !header.holdsObjects && header.headerBytes == bytes.count)
    #expect(try NpyHeader.length(prefix: Array(bytes.prefix(NpyHeader.prefixBytes))) == bytes.count)
  }

  @Test(
    arguments: [
      ("'|b1'", "()", 1), ("'|u1'", "(0, 9)", 0), ("'<f8'", "(5,)", 40), ("'>c16'", "(2,)", 32),
      ("'<M8[ns]'", "(1,)", 8),
      ("'|S10'", "(3,)", 30), ("'<U5'", "(3,)", 60), ("'|V16'", "(1,)", 16), ("\"<f2\"", "(3L, 4L)", 24),
      ("[('x', '<f4'), ('y', '<i2', (2, 3))]", "(2,)", 32),
      ("[('x', [('r', '|u1'), ('', '|V3')])]", "(2,)", 8),
      ("[(('title', 'x'), '<f4'), ('y', '<i4', 2)]", "(1,)", 12),
    ] as [(String, String, Int64)])
  func `dtypes and shapes make a size`(descr: String, shape: String, bytes: Int64) throws {
    let header = try NpyHeader(parsing: Self.npy(Self.header(descr, shape)))
    #expect(header.dataBytes == bytes && !header.holdsObjects)
  }

  @Test(arguments: ["'|O'", "'O'", "'|O8'", "[('x', '<f4'), ('y', '|O')]", "[('x', [('y', 'O', (2,))])]"])
  func `objects are noticed, in fields too`(descr: String) throws {
    let header = try NpyHeader(parsing: Self.npy(Self.header(descr)))
    #expect(header.holdsObjects && header.dataBytes == nil)
  }

  @Test func `the order of the elements and the spelling of a structure are kept`() throws {
    let header = try NpyHeader(parsing: Self.npy(Self.header("[('x', '<f4')]", order: "True")))
    #expect(header.isColumnMajor && header.dtype == "[('x', '<f4')]")
  }

  @Test(arguments: [
    ("", "no value starts"), ("{}", "not made of"), ("{'descr': '<f4'}", "not made of"),
    ("[]", "no dictionary"),
    ("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}", "not made of"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': 2}", "not made of"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2)}", "not made of"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}", "not made of"),
    ("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "occurs twice"),
    (header("'<f4'", "(-2,)"), "no value starts"), (header("'<f4'", "('2',)"), "no integer"),
    (header("'<f4'", "(9007199254740991, 9007199254740991)"), "overflows"),
    (header("'<f4'", "(99999999999999999999,)"), "too large"),
    (header("'<f4'", "(9007199254740992,)"), "too large"),
    (header("'<f3'"), "unknown"), (header("'f'"), "unknown"), (header("'<q8'"), "unknown"),
    (header("''"), "unknown"),
    (header("'<f4[ns]'"), "unknown"), (header("'|S99999999999999999999'"), "unknown"),
    (header("4"), "neither"),
    (header("[('x',)]"), "no name with a type"), (header("[4]"), "no name with a type"),
    (header("[('x', '|V2147483647', (2147483647, 2147483647))]"), "overflows"),
    (header("'<f4'") + "x", "follows the header"), ("{'descr': '<f4", "does not end"), ("{'a' 1}", "colon"),
    ("{'a': __import__('os')}", "no value starts"), ("{'a': 1 'b': 2}", "comma"), ("{'a': (1 2)}", "comma"),
    ("{'a': '\\x41'}", "escape"), ("{1: 2}", "key in quotes"),
    (String(repeating: "(", count: 60_000), "too deep"),
    (header("'<f4'", "(\(String(repeating: "1, ", count: 65)))"), "too many dimensions"),
  ]) func `headers that break a rule are refused, and the reason is said`(literal: String, why: String) {
    let error = refusal { () throws(RegistryError) in try NpyHeader(parsing: Self.npy(literal)) }
    #expect(error?.code == .integrity)
    #expect(error?.message.contains(why) == true, "\(error?.message ?? "")")
  }

  @Test(
    arguments: [
      [], [0x93], NpyHeader.magic, NpyHeader.magic + [1, 0], NpyHeader.magic + [1, 0, 9],
      NpyHeader.magic + [1, 0, 9, 0, 0x7b], NpyHeader.magic + [2, 0, 9, 0],
      NpyHeader.magic + [4, 0, 2, 0, 0x7b, 0x7d],
      NpyHeader.magic + [0, 0, 2, 0, 0x7b, 0x7d], NpyHeader.magic + [1, 1, 2, 0, 0x7b, 0x7d],
      NpyHeader.magic + [2, 0, 0xff, 0xff, 0xff, 0xff], Array("PK".utf8), npy([0xff], version: 3),
    ] as [[UInt8]]) func `bytes that are no header are refused`(bytes: [UInt8])
  {
    #expect(refusal { () throws(RegistryError) in try NpyHeader(parsing: bytes) }?.code == .integrity)
  }

  @Test func `no mutation of a header makes the parser trap`() {
    var random = SeededGenerator(seed: 11)
    let interesting = Array("{}[]()'\",:\\TFN0L9<>|=OVUSM ".utf8)
    for _ in 0..<4000 {
      var literal = Array(Self.header("[('x', '<f4'), ('y', '|O', (2, 3))]").utf8)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let index = Int.random(in: 0..<literal.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: literal[index] = interesting.randomElement(using: &random) ?? 0
        case 1: literal[index] = UInt8.random(in: 0...255, using: &random)
        case 2: literal.insert(contentsOf: literal[0...index].suffix(9), at: index)
        default: literal.remove(at: index)
        }
      }
      let bytes = Self.npy(literal, version: .random(in: 1...3, using: &random))
      guard let header = try? NpyHeader(parsing: bytes) else { continue }
      #expect(header.headerBytes == bytes.count && (header.dataBytes ?? 0) >= 0)
    }
  }
}
