import HTTPTypes
import Testing

@testable import RegistryService

@Suite struct `The page's templates` {
  private static let templates = Assets.names.filter { $0.hasSuffix(".mustache") }

  private func text(_ name: String) -> String { String(decoding: Assets.bytes(of: name), as: UTF8.self) }

  @Test(arguments: templates) func `never show a value as it is`(_ name: String) {
    for mark in ["{{{", "{{&", "{{%", "{{=", "style=\"", "onclick", "<script>", "javascript:"] {
      #expect(!text(name).contains(mark), "\(mark)")
    }
  }

  @Test(arguments: templates) func `include what is there`(_ name: String) {
    for included in includes(text(name)) {
      #expect(Self.templates.contains("\(included).mustache"), "\(included)")
    }
  }

  /// The names of what a template includes.
  private func includes(_ text: String) -> [String] {
    text.split(separator: "{{>", omittingEmptySubsequences: false).dropFirst().map { part in
      String(part.prefix { $0 != "}" })
    }
  }

  /// A template with all that it includes behind it.
  private func expanded(_ name: String) -> String {
    let text = text("\(name).mustache")
    return text + includes(text).map(expanded).joined()
  }

  @Test(arguments: templates) func `link to what is there, and to nobody else`(_ name: String) {
    let html = text(name)
    #expect(!html.contains("http:") && !html.contains("https:") && !html.contains("src=\"//"))
    for part in html.split(separator: "\"/assets/").dropFirst() {
      #expect(!Assets.bytes(of: String(part.prefix { $0 != "\"" })).isEmpty)
    }
    let actions = Set(PageRoutes.all.filter { $0.method == .post }.map(\.path.description))
    for part in html.split(separator: "method=\"post\" action=\"").dropFirst() {
      let action = String(part.prefix { $0 != "\"" })
      #expect(actions.contains(action), "\(action)")
    }
  }

  @Test(arguments: templates) func `send the anti-forgery token with every form that changes something`(
    _ name: String
  ) {
    guard name != "sign-in.mustache" else { return }
    for form in text(name).split(separator: "method=\"post\"").dropFirst() {
      let content = form.split(separator: "</form>").first ?? ""
      #expect(content.contains("{{>seal}}") || content.contains("name=\"anti_forgery\""))
    }
  }

  @Test(arguments: templates) func `say with every switch what they showed as active`(_ name: String) {
    let switches = Set(SwitchActions.all.map(\.path.description))
    for part in text(name).split(separator: "method=\"post\" action=\"").dropFirst() {
      guard switches.contains(String(part.prefix { $0 != "\"" })) else { continue }
      #expect((part.split(separator: "</form>").first ?? "").contains("{{>seen}}"), "\(part.prefix(40))")
    }
  }

  @Test func `are known by the parts that can be asked for`() {
    var found: [String] = []
    for file in Self.templates {
      let page = String(file.dropLast(".mustache".count))
      for included in includes(text(file)) where included.hasPrefix("\(page)-") {
        let marks = expanded(included).split(separator: "data-part=\"").dropFirst()
        guard !marks.isEmpty else { continue }
        let part = included.dropFirst(page.count + 1)
        #expect(marks.map { mark in mark.prefix { $0 != "\"" } } == [part], "\(included)")
        found.append(included)
      }
    }
    #expect(found.sorted() == PageParts.templates.sorted())
  }

  /// Whatever can be renewed can be asked for.
  @Test func `mark nothing as a part that isn't one`() {
    let marked = Self.templates.filter { text($0).contains("data-part=") }.map {
      String($0.dropLast(".mustache".count))
    }
    // The list of problems stands in two pages.
    let own = PageParts.templates.filter { !$0.hasSuffix("-problems") }
    #expect(marked.sorted() == (own + ["problem-list"]).sorted())
  }

  @Test func `there is a description of the API, a style and a script`() {
    for name in ["openapi.yaml", "page.css", "page.js", "icon.svg"] {
      #expect(!Assets.bytes(of: name).isEmpty)
    }
    #expect(Assets.bytes(of: "nothing").isEmpty)
  }
}
