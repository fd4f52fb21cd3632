/// The parameters of a query or of a form, in order.
package struct Query: Sendable {
  package private(set) var parameters: [(name: String, value: String)] = []

  package init() {}

  /// Nil where something is not percent-encoded UTF-8.
  package init?(parsing text: some StringProtocol) {
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count == 2 ? parts[1] : ""
      guard let name = PercentEncoding.decode(parts[0], plusIsSpace: true),
        let value = PercentEncoding.decode(value, plusIsSpace: true)
      else { return nil }
      parameters.append((name: name, value: value))
    }
  }

  package mutating func add(_ name: String, _ value: String) { parameters.append((name: name, value: value)) }

  /// The first value of a parameter.
  package subscript(_ name: String) -> String? { parameters.first { $0.name == name }?.value }
}
