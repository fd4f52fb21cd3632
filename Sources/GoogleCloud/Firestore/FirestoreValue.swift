package import RegistryModel

/// Ordinary JSON as Firestore's JSON interface writes values, `{"integerValue": "100"}`, and back.
///
/// Source of the format: `google.firestore.v1.Value`.
package enum FirestoreValue {
  /// What becomes of NaN and the infinities, which JSON doesn't have.
  package enum NonFinite: Sendable {
    case refused
    /// Nothing is known, which is null.
    case null
  }

  /// How deep arrays and objects may lie within each other.
  static let maximumDepth = 20

  /// A value to send.
  ///
  /// Numbers without a fraction that JSON carries exactly are integers, all others doubles.
  ///
  /// - Parameter path: where it stands, for messages.
  /// - Throws: `usage` for what Firestore can't keep: an array in an array, a field with a reserved or empty name, and
  ///   what lies too deep.
  package static func encode(_ json: JSONValue, at path: String) throws(RegistryError) -> JSONValue {
    try encode(json, path, depth: 0)
  }

  private static func encode(
    _ json: JSONValue, _ path: String, depth: Int
  ) throws(RegistryError) -> JSONValue {
    switch json {
    case .null: return ["nullValue": nil]
    case .bool(let value): return ["booleanValue": .bool(value)]
    case .number(let value):
      if let integer = json.asInt { return ["integerValue": .string("\(integer)")] }
      return ["doubleValue": .number(value)]
    case .string(let text): return ["stringValue": .string(text)]
    case .array(let elements):
      guard depth < maximumDepth else { throw unkeepable(path, "lies more than \(maximumDepth) deep") }
      var values: [JSONValue] = []
      for (index, element) in elements.enumerated() {
        if case .array = element { throw unkeepable("\(path)[\(index)]", "is an array in an array") }
        values.append(try encode(element, "\(path)[\(index)]", depth: depth + 1))
      }
      return ["arrayValue": values.isEmpty ? [:] : ["values": .array(values)]]
    case .object(let members):
      guard depth < maximumDepth else { throw unkeepable(path, "lies more than \(maximumDepth) deep") }
      let fields = try encode(fields: members, path, depth: depth + 1)
      return ["mapValue": fields.isEmpty ? [:] : ["fields": .object(fields)]]
    }
  }

  private static func encode(
    fields members: [String: JSONValue], _ path: String, depth: Int
  ) throws(RegistryError) -> [String: JSONValue] {
    var fields: [String: JSONValue] = [:]
    for (name, value) in members {
      guard 1...1500 ~= name.utf8.count, !(name.hasPrefix("__") && name.hasSuffix("__")) else {
        throw unkeepable(path, "has the field \(name.quoted), a name that is empty, too long or reserved")
      }
      fields[name] = try encode(value, "\(path).\(name.printable)", depth: depth)
    }
    return fields
  }

  private static func unkeepable(_ path: String, _ what: String) -> RegistryError {
    RegistryError(
      .usage, "\(path) \(what), which Firestore can't keep",
      hint: "write it in another way, as text or as an object for instance")
  }
}
