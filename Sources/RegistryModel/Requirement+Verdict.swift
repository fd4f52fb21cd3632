extension Requirement {
  /// Whether some facts meet a requirement. Only ``satisfied`` lets a version run.
  public enum Verdict: Hashable, Sendable {
    case satisfied
    /// The fact is known and says otherwise; these are its values as they were given.
    case unsatisfied(actual: [String])
    /// Nobody states this fact, which refuses too: a check must not pass because it could not be made.
    case unknownFact
  }

  /// Compares with facts; each may have several values, as `base` has one for each version of the set.
  ///
  /// `=` and `>=` hold if they hold for any value, `!=` if no value is equal. A value that is not dotted integers
  /// never meets `>=`.
  public func verdict(facts: [String: [String]]) -> Verdict {
    guard let actual = facts[key] else { return .unknownFact }
    let holds =
      switch relation {
      case .equal: actual.contains(where: isEqual)
      case .notEqual: !actual.contains(where: isEqual)
      case .atLeast: actual.contains(where: isAtLeast)
      }
    return holds ? .satisfied : .unsatisfied(actual: actual)
  }

  private func isEqual(_ actual: String) -> Bool {
    key == "arch" ? Self.machine(actual) == Self.machine(value) : actual == value
  }

  private func isAtLeast(_ actual: String) -> Bool {
    guard let actual = DottedNumber(actual), let wanted = DottedNumber(value) else { return false }
    return actual >= wanted
  }

  /// One name for each machine, as Linux, Debian and Docker disagree.
  private static func machine(_ name: String) -> String {
    switch name {
    case "aarch64": "arm64"
    case "amd64": "x86_64"
    default: name
    }
  }
}

/// Integers between dots, compared part by part; `1.2` equals `1.2.0`.
struct DottedNumber: Comparable {
  private let parts: [UInt64]

  /// Reads `[0-9]+(\.[0-9]+)*`, each part below 2^64; nil for every other text.
  init?(_ text: String) {
    var parts: [UInt64] = []
    for part in text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
      guard part.allSatisfy(\.isASCIIDigit), let number = UInt64(Substring(part)) else { return nil }
      parts.append(number)
    }
    while parts.last == 0 { parts.removeLast() }
    self.parts = parts
  }

  static func < (lhs: DottedNumber, rhs: DottedNumber) -> Bool {
    lhs.parts.lexicographicallyPrecedes(rhs.parts)
  }
}
