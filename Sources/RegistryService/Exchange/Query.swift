package import RegistryModel

/// The parameters behind a path's question mark, each at most once, decoded.
package struct Query: Sendable {
  /// As it was sent.
  package let text: String
  private let values: [String: String]

  /// - Throws: `usage` for a name that stands twice, or an escape that is none.
  package init(parsing text: String) throws(RegistryError) {
    var values: [String: String] = [:]
    for part in text.split(separator: "&") {
      let (name, value) = part.split2(at: "=")
      let key = try PercentCoding.decodeField(name)
      guard values.updateValue(try PercentCoding.decodeField(value), forKey: key) == nil else {
        throw RegistryError(.usage, "the parameter \(key.quoted) stands twice", hint: "give it once")
      }
    }
    self.values = values
    self.text = text
  }

  package subscript(name: String) -> String? { values[name] }

  /// Refuses names that the route doesn't know: a misspelt filter must not answer with everything.
  package func requireKnown(_ names: [String]) throws(RegistryError) {
    guard let unknown = values.keys.filter({ !names.contains($0) }).min() else { return }
    let hint =
      Spelling.nearest(to: unknown, among: names).map { "did you mean \($0.quoted)?" }
      ?? (names.isEmpty ? "this route takes none" : "it takes \(names.joined(separator: ", "))")
    throw RegistryError(.usage, "the parameter \(unknown.quoted) is unknown", hint: hint)
  }

  /// A parameter as a typed value; nil where it isn't given.
  package func parsed<T>(
    _ name: String, _ parse: (String) throws(RegistryError) -> T
  ) throws(RegistryError) -> T? {
    guard let text = values[name] else { return nil }
    return try parse(text)
  }

  package func flag(_ name: String) throws(RegistryError) -> Bool {
    switch values[name] {
    case nil, "false": return false
    case "true": return true
    case let text?: throw Self.wrong(name, text, "true or false")
    }
  }

  package func integer(_ name: String, in range: ClosedRange<Int64>) throws(RegistryError) -> Int64? {
    guard let text = values[name] else { return nil }
    guard !text.isEmpty, text.utf8.count <= 19, text.utf8.allSatisfy(\.isASCIIDigit), let value = Int64(text),
      range.contains(value)
    else { throw Self.wrong(name, text, "a number from \(range.lowerBound) to \(range.upperBound)") }
    return value
  }

  /// The number behind which a page goes on, where a list goes by numbers.
  package func place() throws(RegistryError) -> Int64? {
    try integer("after", in: 0...JSONValue.safeIntegers.upperBound)
  }

  /// How many entries a page may have.
  package func limit() throws(RegistryError) -> Int {
    Int(try integer("limit", in: 1...1000) ?? 100)
  }

  private static func wrong(_ name: String, _ text: String, _ wanted: String) -> RegistryError {
    RegistryError(.usage, "the parameter \(name) has \(text.quoted)", hint: "give \(wanted)")
  }
}

extension Substring {
  fileprivate func split2(at separator: Character) -> (Substring, Substring) {
    guard let position = firstIndex(of: separator) else { return (self, "") }
    return (self[..<position], self[index(after: position)...])
  }
}
