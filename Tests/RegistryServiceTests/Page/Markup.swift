import Testing

/// The tags of a page, read as strictly as our own pages are written: every value is between quotation marks, and what is
/// opened is closed.
struct Markup {
  struct Tag {
    let name: String
    let attributes: [(name: String, value: String)]
    let isEnd: Bool

    /// The tag with its attributes' names, without their values.
    var outline: String { (isEnd ? "/" : "") + name + attributes.map { " \($0.name)" }.joined() }

    subscript(name: String) -> String? { attributes.first { $0.name == name }?.value }
  }

  struct Malformed: Error { let what: String }

  private static let empty: Set = ["meta", "link", "img", "input", "br", "hr", "!doctype"]
  /// What SVG writes with a slash at its end.
  private static let shapes: Set = ["rect", "path", "polygon", "polyline", "circle"]

  let tags: [Tag]
  /// What is between the tags.
  let text: String

  init(_ html: String) throws {
    var tags: [Tag] = []
    var text = ""
    var open: [String] = []
    var rest = html[...]
    while let start = rest.firstIndex(of: "<") {
      text += rest[..<start]
      rest = rest[rest.index(after: start)...]
      let tag = try Self.tag(&rest)
      if tag.isEnd {
        guard open.popLast() == tag.name else { throw Malformed(what: "</\(tag.name)> closes nothing") }
      } else if !Self.empty.contains(tag.name), !Self.shapes.contains(tag.name) {
        open.append(tag.name)
      }
      tags.append(tag)
    }
    text += rest
    guard open.isEmpty else { throw Malformed(what: "\(open) stay open") }
    guard !text.contains(">") else { throw Malformed(what: "a > stands in the text") }
    self.tags = tags
    self.text = text
  }

  private static func tag(_ rest: inout Substring) throws -> Tag {
    let isEnd = rest.first == "/"
    if isEnd { rest.removeFirst() }
    let name = take(&rest) { $0.isLetter || $0.isNumber || $0 == "!" }
    guard !name.isEmpty else { throw Malformed(what: "a < that begins no tag, before \(rest.prefix(40))") }
    var attributes: [(name: String, value: String)] = []
    while true {
      _ = take(&rest) { $0.isWhitespace }
      switch rest.first {
      case ">":
        rest.removeFirst()
        return Tag(name: name.lowercased(), attributes: attributes, isEnd: isEnd)
      case "/": rest.removeFirst()
      case nil: throw Malformed(what: "<\(name) doesn't end")
      default:
        let key = take(&rest) { $0.isLetter || $0 == "-" || $0.isNumber }
        guard !key.isEmpty else { throw Malformed(what: "in <\(name)>: \(rest.prefix(40))") }
        guard rest.first == "=" else {
          attributes.append((key, ""))
          continue
        }
        rest.removeFirst()
        guard rest.unicodeScalars.first == "\"" else {
          throw Malformed(what: "\(key) of <\(name)> has no quotation marks")
        }
        rest.unicodeScalars.removeFirst()
        // Scalars, as a browser sees them.
        guard let end = rest.unicodeScalars.firstIndex(of: "\"") else {
          throw Malformed(what: "\(key) doesn't end")
        }
        attributes.append((key, String(rest.unicodeScalars[..<end])))
        rest = rest[rest.unicodeScalars.index(after: end)...]
      }
    }
  }

  private static func take(_ rest: inout Substring, _ belongs: (Character) -> Bool) -> String {
    let taken = rest.prefix(while: belongs)
    rest = rest[taken.endIndex...]
    return String(taken)
  }
}
