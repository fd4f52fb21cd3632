import Foundation
import Mutations
import RegistryModel
import Testing

@Suite struct CanonicalJSONTests {
  @Test func `numbers are those of appendix B of RFC 8785`() throws {
    let lines = try String(
      contentsOf: Repository.golden.appending(path: "rfc8785-appendix-b.txt"), encoding: .utf8
    )
    .split(separator: "\n")
    #expect(lines.count == 24)
    for line in lines {
      let parts = line.split(separator: " ")
      let bits = try #require(UInt64(parts[0], radix: 16))
      #expect(JSONValue.number(Double(bitPattern: bits)).canonicalText == parts[1])
    }
  }

  @Test(arguments: [
    (1e21, "1e+21"), (123e18, "123000000000000000000"), (1e-6, "0.000001"), (1e-7, "1e-7"),
    (1.5e-7, "1.5e-7"),
    (-1.25, "-1.25"), (100, "100"), (0.1, "0.1"), (4.35, "4.35"), (9_007_199_254_740_994, "9007199254740994"),
    (2e16, "20000000000000000"), (1e16, "10000000000000000"),
    (1.2345678901234567e20, "123456789012345670000"),
  ])
  func `numbers are laid out as ECMAScript does`(number: Double, text: String) {
    #expect(JSONValue.number(number).canonicalText == text)
  }

  @Test func `any double reads back as itself`() throws {
    var generator = SeededGenerator(seed: 8785)
    for _ in 0..<20_000 {
      let number = Double(bitPattern: generator.next())
      guard number.isFinite else { continue }
      guard try JSONValue(parsing: JSONValue.number(number).canonicalBytes) == .number(number) else {
        Issue.record("\(number)")
        return
      }
    }
  }

  @Test func `keys are sorted as the example of RFC 8785 sorts them`() throws {
    let input = #"""
      {"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
       "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
       "\u00f6": "Latin Small Letter O With Diaeresis"}
      """#
    let output =
      #"{"\r":"Carriage Return","1":"One",""# + "\u{80}"
      + #"":"Control","ö":"Latin Small Letter O With Diaeresis","#
      + #""€":"Euro Sign","😀":"Emoji: Grinning Face",""# + "\u{fb33}"
      + #"":"Hebrew Letter Dalet With Dagesh"}"#
    #expect(try JSONValue(parsing: input.utf8).canonicalText.utf8.elementsEqual(output.utf8))
  }

  @Test func `key order agrees with UTF-16 for random keys`() throws {
    var generator = SeededGenerator(seed: 16)
    let scalars: [Unicode.Scalar] = [
      "a", "\u{7f}", "\u{80}", "\u{7ff}", "\u{800}", "\u{d7ff}", "\u{e000}", "\u{fffd}",
      "\u{10000}", "\u{10fffd}",
    ]
    var keys: Set<String> = []
    while keys.count < 300 {
      var key = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...4, using: &generator) {
        key.append(try #require(scalars.randomElement(using: &generator)))
      }
      keys.insert(String(key))
    }
    let object = JSONValue.object(Dictionary(uniqueKeysWithValues: keys.map { ($0, 0) }))
    let expected = keys.sorted { $0.utf16.lexicographicallyPrecedes($1.utf16) }
      .map { JSONValue.string($0).canonicalText + ":0" }.joined(separator: ",")
    #expect(object.canonicalText == "{\(expected)}")
  }

  @Test func `only the escapes that must be there are written`() {
    let text = JSONValue.string("\u{0}\u{8}\t\n\u{b}\u{c}\r\u{1f} \"\\/\u{7f}é😀")
    #expect(text.canonicalText == #""\u0000\b\t\n\u000b\f\r\u001f \"\\/"# + "\u{7f}é😀\"")
  }

  @Test func `structures have no white space`() {
    let value: JSONValue = ["b": [1, true, false, nil, "x"], "a": [:], "c": []]
    #expect(value.canonicalText == #"{"a":{},"b":[1,true,false,null,"x"],"c":[]}"#)
    #expect(value.canonicalBytes == Array(value.canonicalText.utf8))
  }

  @Test func `a number that is not finite traps`() async {
    await #expect(processExitsWith: .failure) { _ = JSONValue.number(.nan).canonicalBytes }
  }
}
