/// What somebody else calls a version: a number, or anything else, such as `v1.0.0`.
enum ForeignVersion: Hashable {
  case number(Int)
  case other(String)

  /// Nil for what is neither text nor a whole number, and for text that can't stand in a manifest.
  init?(_ value: JSONValue) {
    if let integer = value.asInt {
      guard VersionID.numbers ~= Int(integer) else { return nil }
      self = .number(Int(integer))
      return
    }
    guard let text = value.asString else { return nil }
    if let number = try? VersionID.number(parsing: text.afterPrefix("v") ?? text) {
      self = .number(number)
    } else if Self.isName(text) {
      self = .other(text)
    } else {
      return nil
    }
  }

  /// Whether a text can be an origin's version, and the end of a reference `A/v1.0.0`: `[A-Za-z0-9._+-]{1,128}`.
  static func isName(_ text: String) -> Bool {
    1...Manifest.Limits.labelBytes ~= text.utf8.count
      && text.utf8.allSatisfy {
        $0.isASCIILowercase || $0.isASCIIUppercase || $0.isASCIIDigit || "._+-".utf8.contains($0)
      }
  }
}
