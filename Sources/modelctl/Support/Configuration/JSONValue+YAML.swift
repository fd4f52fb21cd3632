import ModelRegistry
import RegistryModel
import Yams

extension JSONValue {
  /// What a YAML document means as JSON; nil where there is none but comments.
  ///
  /// Plain scalars follow YAML 1.2's core schema, so `no` and `1:30` are texts. Keys must be texts, and unique. Anchors and
  /// tags are refused: without them a file means what it looks like, and can't grow when it is read.
  ///
  /// - Parameter verbatim: the paths beneath which a scalar is a text as it stands: `1.10` is not 1.1.
  /// - Throws: `usage` with line, column and problem. No part of the document is shown: it may be a secret.
  init?(yaml text: String, verbatim: [[String]]) throws(RegistryError) {
    do {
      let parser = try Parser(yaml: text)
      // A node doesn't keep its anchor alive; the parser does.
      let value = try withExtendedLifetime(parser) {
        try parser.singleRoot().map { try JSONValue($0, at: [], verbatim) }
      }
      guard let value else { return nil }
      self = value
    } catch let error as RegistryError {
      throw error
    } catch let error as YamlError {
      throw Self.problem(error)
    } catch {
      throw RegistryError(.usage, "it is no YAML", hint: "correct the file")
    }
  }

  private init(_ node: Node, at path: [String], _ verbatim: [[String]]) throws(RegistryError) {
    guard node.anchor == nil else { throw Self.alias(node) }
    switch node {
    case .mapping(let mapping):
      try Self.requireNone(mapping.tag, node)
      var object: [String: JSONValue] = [:]
      for (key, value) in mapping {
        guard case .scalar(let name) = key, key.anchor == nil, object[name.string] == nil else {
          throw Self.problem("a key stands twice or is no plain text", key, hint: "correct the file")
        }
        object[name.string] = try JSONValue(value, at: path + [name.string], verbatim)
      }
      self = .object(object)
    case .sequence(let sequence):
      try Self.requireNone(sequence.tag, node)
      var elements: [JSONValue] = []
      for element in sequence { elements.append(try JSONValue(element, at: path, verbatim)) }
      self = .array(elements)
    case .scalar(let scalar):
      let isText = scalar.style != .plain && scalar.style != .any
      // Quotes alone make Yams set the tag of texts.
      if !isText || scalar.tag.rawValue != Tag.Name.str.rawValue { try Self.requireNone(scalar.tag, node) }
      self =
        isText || verbatim.contains(where: path.starts(with:))
        ? .string(scalar.string) : try Self.plain(scalar.string, node)
    case .alias: throw Self.alias(node)
    }
  }

  private static func alias(_ node: Node) -> RegistryError {
    problem("anchors and aliases are not used in a configuration", node, hint: "write the value out")
  }

  private static func requireNone(_ tag: Tag, _ node: Node) throws(RegistryError) {
    guard tag.rawValue.isEmpty else {
      throw problem(
        "tags are not used in a configuration", node, hint: "quote what is a text, and leave the tag out")
    }
  }

  private static func plain(_ text: String, _ node: Node) throws(RegistryError) -> JSONValue {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    case ".inf", "-.inf", "+.inf", ".nan", ".Inf", "-.Inf", "+.Inf", ".NaN", ".INF", "-.INF", "+.INF", ".NAN":
      throw problem("infinite and undefined numbers have no place here", node, hint: "write a finite number")
    default: break
    }
    let isNumber = text.utf8.allSatisfy { $0.isASCIIDigit || "+-.eE".utf8.contains($0) }
    guard isNumber, let number = Double(text) else { return .string(text) }
    let isInteger = text.utf8.allSatisfy { $0.isASCIIDigit || "+-".utf8.contains($0) }
    // Another number than the one that stands there would be read.
    guard number.isFinite, !isInteger || Int64(text).map({ safeIntegers ~= $0 }) == true else {
      throw problem(
        "a number is beyond what JSON carries exactly", node, hint: "quote it, or stay within ±(2^53 - 1)")
    }
    return .number(number)
  }

  private static func problem(_ text: String, _ node: Node, hint: String) -> RegistryError {
    RegistryError(.usage, "\(place(node.mark))\(text)", hint: hint)
  }

  /// Yams describes its errors with the lines where they happened, and duplicate keys with the whole document.
  private static func problem(_ error: YamlError) -> RegistryError {
    let message =
      switch error {
      case .reader(let problem, let offset, _, let yaml): "\(place(offset, in: yaml))\(problem)"
      case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
        .composer(let context, let problem, let mark, _):
        "\(place(mark))\(context.map { "\($0.text): " } ?? "")\(problem)"
      case .duplicatedKeysInMapping(_, let context): "\(place(context.mark))a key stands twice"
      default: "it can't be read"
      }
    return RegistryError(.usage, "it is no YAML: \(message)", hint: "correct the file")
  }

  private static func place(_ mark: Mark?) -> String {
    mark.map { "line \($0.line), column \($0.column): " } ?? ""
  }

  /// - Parameter offset: in characters.
  private static func place(_ offset: Int?, in yaml: String) -> String {
    guard let offset else { return "" }
    let before = yaml.prefix(offset)
    let line = before.count(where: \.isNewline) + 1
    let column = (before.lastIndex(where: \.isNewline).map { before[$0...].count - 1 } ?? before.count) + 1
    return "line \(line), column \(column): "
  }
}
