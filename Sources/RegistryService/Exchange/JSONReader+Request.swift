import RegistryModel

/// What bodies of requests have in common.
extension JSONReader {
  /// The number of a generation; 0 says that nothing was active.
  mutating func generation(_ key: String) throws(RegistryError) -> Int? {
    guard let number = try optional(key, .integer) else { return nil }
    guard number >= 0 else { throw problem(with: key, "is \(number), and a generation's number is needed") }
    return Int(number)
  }

  /// The field `references`, 1 to 100 of them.
  mutating func references() throws(RegistryError) -> [Reference] {
    let references = try required("references", elements: .reference)
    guard 1...100 ~= references.count else { throw problem(with: "references", "has not 1 to 100 elements") }
    return references
  }

  /// A length of time in seconds, as all documents have it.
  mutating func milliseconds(_ key: String, in seconds: ClosedRange<Double>) throws(RegistryError) -> Int64? {
    guard let value = try optional(key, .number) else { return nil }
    guard seconds ~= value else {
      throw problem(with: key, "is not \(seconds.lowerBound) to \(seconds.upperBound) seconds")
    }
    return Int64((value * 1000).rounded())
  }
}

extension JSONKind where Value == Reference {
  static var reference: Self { .parsed(Reference.init(parsing:)) }
}

extension DurationText {
  /// The longest length of time that anything takes.
  static let maximumSeconds = Double(maximumMilliseconds) / 1000
}
