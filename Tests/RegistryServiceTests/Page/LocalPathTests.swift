import Testing

@testable import RegistryService

@Suite struct `A path to go on to` {
  @Test(arguments: [
    "/", "/versions", "/versions/robot_001_v4", "/versions/robot_001%40stable",
    "/lineage?subject=job%3Ax&depth=2",
    "/versions/seed@v1", "/history?after=4&adapter=a",
  ])
  func `is one of ours`(_ text: String) { #expect(LocalPath(text)?.text == text) }

  @Test(arguments: [
    "", "//evil.example", "/\\evil.example", "\\/evil.example", "https://evil.example/",
    "javascript:alert(1)",
    "versions", "/a\nb", "/a b", "/\u{202e}", "/ü", "/a#b", "/a\"b", "/a<b", "/\t/evil.example", " /",
  ])
  func `is nothing else`(_ text: String) { #expect(LocalPath(text) == nil) }

  @Test func `isn't endless`() {
    #expect(LocalPath(nil) == nil)
    #expect(LocalPath("/" + String(repeating: "a", count: 2_048)) == nil)
  }
}
