import ModelRegistry
import Testing

/// What a JSON document must look like: exactly these keys, of these types.
indirect enum Shape: Sendable {
  case text, integer, number, flag, null
  /// Whatever there is.
  case any
  /// RFC 3339 in UTC with milliseconds.
  case time
  /// `sha256:` and 64 digits.
  case digest
  case word(Set<String>)
  case list(Shape)
  /// Any keys, all values alike.
  case map(Shape)
  case object([String: Shape])
  case optional(Shape)

  static func word(_ words: String...) -> Shape { .word(Set(words)) }

  func check(_ value: JSONValue?, at location: SourceLocation = #_sourceLocation) {
    guard let value else {
      Issue.record("there is no document", sourceLocation: location)
      return
    }
    for problem in problems(value, "$") { Issue.record("\(problem)", sourceLocation: location) }
  }

  private func problems(_ value: JSONValue, _ path: String) -> [String] {
    switch (self, value) {
    case (.text, .string), (.number, .number), (.flag, .bool), (.null, .null), (.any, _): return []
    case (.integer, .number): return value.asInt == nil ? ["\(path) is no integer"] : []
    case (.time, .string(let text)):
      let isTime = (try? Timestamp(parsing: text)) != nil && text.utf8.count == 24 && text.hasSuffix("Z")
      return isTime ? [] : ["\(path) is no time: \(text)"]
    case (.digest, .string(let text)):
      return (try? Digest(parsing: text)) == nil ? ["\(path) is no digest: \(text)"] : []
    case (.word(let words), .string(let text)): return words.contains(text) ? [] : ["\(path) is \(text)"]
    case (.list(let element), .array(let values)):
      return values.enumerated().flatMap { element.problems($1, "\(path)[\($0)]") }
    case (.map(let element), .object(let fields)):
      return fields.flatMap { element.problems($1, "\(path).\($0)") }
    case (.object(let shapes), .object(let fields)):
      let missing = shapes.keys.filter { fields[$0] == nil }.map { "\(path) lacks \($0)" }
      return missing
        + fields.flatMap { key, value in
          shapes[key]?.problems(value, "\(path).\(key)") ?? ["\(path) has \(key) besides"]
        }
    case (.optional(let shape), _): return value.isNull ? [] : shape.problems(value, path)
    default: return ["\(path) is \(value.canonicalText), not \(self)"]
    }
  }
}
