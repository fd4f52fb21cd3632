/// Header fields in the order they came; names are compared without case.
package struct Headers: Sendable {
  package private(set) var fields: [(name: String, value: String)]

  package init(_ fields: [(String, String)] = []) {
    self.fields = fields.map { (name: $0.0, value: $0.1) }
  }

  /// The first value of a field.
  package subscript(_ name: String) -> String? {
    let wanted = name.lowercased()
    return fields.first { $0.name.lowercased() == wanted }?.value
  }

  package mutating func add(_ name: String, _ value: String) { fields.append((name: name, value: value)) }
}
