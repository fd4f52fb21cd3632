/// One condition on the machine or the set that a version runs in: `arch=arm64`, `jetpack!=5`, `os>=12.4`.
///
/// `arch` has two names for each machine: `aarch64` counts as `arm64`, `amd64` as `x86_64`.
public struct Requirement: Hashable, Sendable {
  /// How the fact is compared with the value.
  public enum Relation: String, CaseIterable, Sendable {
    case equal = "="
    case notEqual = "!="
    /// Dotted integers; missing parts are 0.
    case atLeast = ">="
  }

  /// The fact's name, `[a-z][a-z0-9_.-]{0,62}`.
  public let key: String
  public let relation: Relation
  /// 1 to 256 printable ASCII bytes.
  public let value: String

  /// Reads `K=V`, `K!=V` or `K>=1.2.3`, without spaces around the relation.
  ///
  /// - Throws: `usage` for every other text, and for `>=` with something that is not dotted integers.
  public init(parsing text: String) throws(RegistryError) {
    let name = text.utf8.prefix { !"=!><".utf8.contains($0) }
    let rest = text[name.endIndex...]
    let relation = Relation.allCases.first { rest.utf8.starts(with: $0.rawValue.utf8) }
    guard let relation, let value = rest.afterPrefix(relation.rawValue), Self.isKey(name) else {
      throw RegistryError(
        .usage, "\(text.quoted) is not a requirement",
        hint: "write it like arch=arm64, board!=pi4 or os>=12.4")
    }
    guard 1...256 ~= value.utf8.count, value.utf8.allSatisfy(\.isASCIIPrintable),
      value.utf8.first != UInt8(ascii: "="), value.utf8.first != UInt8(ascii: " "),
      value.utf8.last != UInt8(ascii: " ")
    else {
      throw RegistryError(
        .usage, "the requirement \(text.quoted) has no usable value",
        hint: "give it 1 to 256 printable ASCII characters, not starting with = or a space")
    }
    guard relation != .atLeast || DottedNumber(value) != nil else {
      throw RegistryError(
        .usage, "\(value.quoted) in the requirement \(text.quoted) is not a number like 1.2.3",
        hint: "use digits and dots after >=")
    }
    key = String(Substring(name))
    self.relation = relation
    self.value = value
  }

  private static func isKey(_ name: Substring.UTF8View) -> Bool {
    guard 1...63 ~= name.count, name.first?.isASCIILowercase == true else { return false }
    return name.allSatisfy { $0.isASCIILowercase || $0.isASCIIDigit || "_.-".utf8.contains($0) }
  }
}

extension Requirement: CustomStringConvertible {
  /// The text that ``init(parsing:)`` read.
  public var description: String { key + relation.rawValue + value }
}
