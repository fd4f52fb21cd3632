import RegistryModel
import Testing

@testable import RegistryService

@Suite struct `What a page shows` {
  private struct Shown: Sendable {
    let title: String
    let version = "1"
    let status = "404"
    let detail: String
    let unchanged = ""
    let hint = ""
    let back: String
    let requestID = ""
  }

  private func page(_ text: String) throws -> String {
    String(
      decoding: try PageTemplates.render("problem", Shown(title: text, detail: text, back: text)),
      as: UTF8.self)
  }

  /// Whatever a value holds, the page has the same tags with the same attributes.
  private func skeleton(_ html: String) throws -> [String] { try Markup(html).tags.map(\.outline) }

  private static let hostile = [
    "<script>alert(1)</script>", "\" onload=\"alert(1)", "' autofocus onfocus='alert(1)", "a&amp;b</title>",
    "{{frame}} {{{detail}}} {{>head}}", "]]> --> <!-- <![CDATA[", "\u{0}\u{1b}[31m\u{7f}",
    // One character to Swift, and a quotation mark to a browser.
    "\"\u{301} onmouseover=\"alert(1)", "<\u{338}script>", "'\u{200d}\u{20d2}", "&\u{301}lt;", ">\u{fe0f}",
    "\u{202e}evil\u{2066}", "\u{2028}\u{85}", "\u{feff}<b>", String(repeating: "<a href='x'>", count: 500),
  ]

  @Test(arguments: hostile) func `is text, whatever it holds`(_ text: String) throws {
    #expect(try skeleton(page(text)) == skeleton(page("plain")))
  }

  @Test func `says what can't be seen`() throws {
    let html = try page("a\u{202e}b\u{0}c\nd")
    #expect(html.contains("a\\u{202e}b\\u{0}c\\u{a}d"))
    #expect(!html.unicodeScalars.contains("\u{202e}"))
  }

  @Test func `keeps other scripts as they are`() throws {
    #expect(try page("größe 机器人 🤖 é").contains("größe 机器人 🤖 é"))
  }
}
