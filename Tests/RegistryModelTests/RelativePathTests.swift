import RegistryModel
import Testing

@Suite struct RelativePathTests {
  @Test(arguments: [
    "a", "lora_adapters.npz", ".hidden", "...", "a/b/c.bin", "with space/ü.txt", "a:b", "~", "-rf",
    "a\u{301}",
    "/\u{338}".dropFirst() + "x", String(repeating: "n", count: 255),
    Array(repeating: "d", count: 32).joined(separator: "/"),
  ])
  func `plain relative paths are accepted`(text: String) throws {
    let path = try RelativePath(parsing: text)
    #expect(path.text.utf8.elementsEqual(text.utf8))
    #expect(path.components.joined(separator: "/").utf8.elementsEqual(text.utf8))
  }

  @Test(arguments: [
    ("", "is empty"), ("/etc/passwd", "is absolute"), ("/", "is absolute"), ("a/", "slash"),
    ("..", "a .. component"), ("../a", "a .. component"), ("a/../b", "a .. component"),
    ("a/..", "a .. component"),
    (".", "a . component"), ("./a", "a . component"), ("a/./b", "a . component"),
    ("a//b", "an empty component"),
    ("a\\b", "backslash"), ("a\u{0}b", "control"), ("a\nb", "control"), ("a\r\nb", "control"),
    ("a\u{1f}", "control"), ("a\u{7f}", "control"), ("a\u{85}", "control"), ("a\u{2028}", "control"),
    ("a\u{2029}", "control"), ("a\u{202e}b", "control"), ("a\u{2066}b", "control"), ("a\u{200f}", "control"),
    ("a\u{ffff}", "control"), ("a/\u{338}/../b", "a .. component"),
    (String(repeating: "n", count: 256), "longer than 255"),
    (String(repeating: "é", count: 128), "longer than 255"),
    (Array(repeating: "d", count: 33).joined(separator: "/"), "deeper than 32"),
    (
      Array(repeating: String(repeating: "n", count: 204), count: 5).joined(separator: "/") + "x",
      "longer than 1024"
    ),
  ])
  func `paths that leave, hide or do not fit are refused`(text: String, why: String) {
    let error = refusal { () throws(RegistryError) in try RelativePath(parsing: text) }
    #expect(error?.code == .integrity)
    #expect(error?.message.contains(why) == true, "\(error?.message ?? "")")
    #expect(error?.message.unicodeScalars.contains { $0.value < 0x20 } == false)
  }

  @Test func `the longest path is 1024 bytes`() throws {
    let longest = Array(repeating: String(repeating: "n", count: 204), count: 5).joined(separator: "/")
    #expect(try RelativePath(parsing: longest).text.utf8.count == 1024)
  }

  @Test func `folding finds paths that meet on friendlier file systems`() throws {
    let composed = try RelativePath(parsing: "É/A")
    let decomposed = try RelativePath(parsing: "e\u{301}/a")
    #expect(composed.foldedKey == decomposed.foldedKey)
    #expect(composed.foldedKey != (try RelativePath(parsing: "e/a")).foldedKey)
  }

  @Test func `equality and order go by bytes`() throws {
    let composed = try RelativePath(parsing: "\u{e9}")
    let decomposed = try RelativePath(parsing: "e\u{301}")
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
    let sorted = try ["B", "a", "a.b", "a/b", "ab", "e\u{301}", "z", "\u{e9}", "\u{ffee}", "\u{1f600}"]
      .map { try RelativePath(parsing: $0) }
    #expect(sorted.reversed().sorted() == sorted)
  }
}
