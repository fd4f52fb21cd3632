import RegistryModel

/// Settings as people write them, with the limits that many of them share.
extension JSONReader {
  /// A length of time above 0, in milliseconds.
  mutating func milliseconds(_ key: String) throws(RegistryError) -> Int64? {
    try positive(key, optional(key, .duration)?.milliseconds, hint: "write it like 90s, 10m or 7d")
  }

  /// A length of time above 0 in milliseconds, or the word `none`, which is nil.
  ///
  /// - Parameter standard: what holds where the key isn't there.
  mutating func limit(_ key: String, standard: Int64?) throws(RegistryError) -> Int64? {
    switch try optional(key, .any) {
    case nil: return standard
    case "none": return nil
    default:
      do { return try milliseconds(key) } catch {
        throw RegistryError(error.code, error.message, hint: "write it like 90s, 10m or 7d, or none")
      }
    }
  }

  /// A size above 0, in bytes.
  mutating func bytes(_ key: String) throws(RegistryError) -> Int64? {
    try positive(key, optional(key, .size)?.bytes, hint: "write it like 512MiB or 2GiB")
  }

  /// A whole number above 0.
  mutating func count(_ key: String, atMost limit: Int64 = 1_000_000) throws(RegistryError) -> Int? {
    guard let count = try optional(key, .integer) else { return nil }
    guard 1...limit ~= count else { throw problem(with: key, "is \(count)", hint: "1 to \(limit)") }
    return Int(count)
  }

  mutating func number(_ key: String, in range: ClosedRange<Double>, hint: String) throws(RegistryError)
    -> Double?
  {
    guard let number = try optional(key, .number) else { return nil }
    guard range ~= number else {
      throw problem(with: key, "is \(JSONValue.number(number).canonicalText)", hint: hint)
    }
    return number
  }

  /// A text that isn't empty.
  mutating func text(_ key: String) throws(RegistryError) -> String? {
    if case .number = try optional(key, .any) {
      throw problem(with: key, "is a number, and a string is needed", hint: "quote it")
    }
    guard let text = try optional(key, .string) else { return nil }
    guard !text.isEmpty else { throw problem(with: key, "is empty", hint: "write it, or leave the key out") }
    return text
  }

  /// A path from the root: a service's working directory is nobody's choice.
  mutating func path(_ key: String) throws(RegistryError) -> String? {
    guard let path = try text(key) else { return nil }
    guard path.hasPrefix("/"), !path.utf8.contains(0) else {
      throw problem(with: key, "is \(path.quoted)", hint: "write the whole path, beginning with /")
    }
    return path
  }

  /// A map whose meaning is somebody else's: any keys and values but `null`, at every depth.
  mutating func free(_ key: String) throws(RegistryError) -> [String: JSONValue]? {
    guard let map = try optional(key, .object) else { return nil }
    try requireValues(map, key)
    return map
  }

  private func requireValues(_ map: [String: JSONValue], _ path: String) throws(RegistryError) {
    for (name, value) in map.sorted(by: { $0.key < $1.key }) { try requireValue(value, "\(path).\(name)") }
  }

  private func requireValue(_ value: JSONValue, _ path: String) throws(RegistryError) {
    switch value {
    case .null: throw problem(with: path, "has no value", hint: "write one, or leave the key out")
    case .object(let map): try requireValues(map, path)
    case .array(let elements):
      for (index, element) in elements.enumerated() { try requireValue(element, "\(path)[\(index)]") }
    default: return
    }
  }

  /// Texts by name, where numbers and booleans are texts too. Values may be secrets and are never shown, nor is a name
  /// that isn't one, as a value may have slipped into it.
  mutating func texts(
    _ key: String, name isName: (String) -> Bool, hint: String
  ) throws(RegistryError) -> [String: String] {
    var texts: [String: String] = [:]
    for (name, value) in try optional(key, .object) ?? [:] {
      guard isName(name) else { throw problem(with: key, "has a name that is none", hint: hint) }
      switch value {
      case .string(let text): texts[name] = text
      case .number, .bool: texts[name] = value.canonicalText
      default:
        throw problem(
          with: "\(key).\(name)", "is \(value.kindName), and no text", hint: "write one word, or quote it")
      }
    }
    return texts
  }

  /// Environment variables.
  ///
  /// - Parameter reserved: those that are set anyway.
  mutating func variables(_ key: String, reserved: Set<String> = []) throws(RegistryError) -> [String: String]
  {
    func isName(_ name: String) -> Bool {
      name.utf8.first?.isASCIIDigit == false
        && name.utf8.allSatisfy {
          $0.isASCIIDigit || $0.isASCIILowercase || $0.isASCIIUppercase || $0 == 0x5f
        }
    }
    let variables = try texts(key, name: isName, hint: "letters, digits and _, as in NAME: value")
    for name in variables.keys.sorted() where reserved.contains(name) {
      throw problem(
        with: "\(key).\(name)", "is set by modelctl itself", hint: "leave it out, or choose another name")
    }
    for (name, value) in variables where value.utf8.contains(0) {
      throw problem(with: "\(key).\(name)", "has a NUL character", hint: "leave it out")
    }
    return variables
  }

  private func positive(_ key: String, _ number: Int64?, hint: String) throws(RegistryError) -> Int64? {
    guard let number else { return nil }
    guard number > 0 else { throw problem(with: key, "is not above 0", hint: hint) }
    return number
  }
}
