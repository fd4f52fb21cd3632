package import RegistryModel

extension FirestoreValue {
  /// A value as it came.
  ///
  /// Times become text in UTC with milliseconds, bytes base 64, references the name that they refer to, and points
  /// objects with `latitude` and `longitude`.
  ///
  /// - Parameter path: where it stands, for messages.
  /// - Throws: `integrity` for what is no value, or one that JSON can't say: integers beyond ±(2^53 - 1), times before
  ///   1970, and, unless they become null, NaN and the infinities.
  package static func decode(
    _ value: JSONValue, at path: String, nonFinite: NonFinite = .refused
  ) throws(RegistryError) -> JSONValue {
    guard let members = value.asObject, members.count == 1, let (kind, content) = members.first else {
      throw unreadable(path, "is no value of Firestore")
    }
    switch kind {
    case "nullValue": return .null
    case "booleanValue": if content.asBool != nil { return content }
    case "stringValue", "bytesValue", "referenceValue": if content.asString != nil { return content }
    case "integerValue": return try integer(content, path)
    case "doubleValue": return try double(content, path, nonFinite)
    case "timestampValue":
      guard let text = content.asString, let time = try? Timestamp(parsing: text) else {
        throw unreadable(path, "is no time from 1970 on")
      }
      return .string(time.description)
    case "geoPointValue": if content.asObject != nil { return content }
    case "mapValue":
      // Empty ones come without their only field.
      guard let map = content.asObject, let fields = (map["fields"] ?? [:]).asObject else { break }
      return .object(try decode(fields: fields, at: path, nonFinite: nonFinite))
    case "arrayValue":
      guard let array = content.asObject, let values = (array["values"] ?? []).asArray else { break }
      var elements: [JSONValue] = []
      for (index, value) in values.enumerated() {
        elements.append(try decode(value, at: "\(path)[\(index)]", nonFinite: nonFinite))
      }
      return .array(elements)
    default: break
    }
    throw unreadable(path, "is a \(kind.quoted) that can't be read")
  }

  /// The fields of a document or of a map.
  package static func decode(
    fields: [String: JSONValue], at path: String, nonFinite: NonFinite = .refused
  ) throws(RegistryError) -> [String: JSONValue] {
    var members: [String: JSONValue] = [:]
    for (name, value) in fields {
      members[name] = try decode(value, at: "\(path).\(name.printable)", nonFinite: nonFinite)
    }
    return members
  }

  /// 64 bits in a string, as JSON's numbers can't carry them.
  private static func integer(_ content: JSONValue, _ path: String) throws(RegistryError) -> JSONValue {
    let number = content.asString.flatMap { Int64($0) } ?? content.asInt
    guard let number else { throw unreadable(path, "is no integer of 64 bits") }
    guard JSONValue.safeIntegers ~= number else {
      throw unreadable(path, "is \(number), which JSON doesn't carry exactly")
    }
    return .integer(number)
  }

  private static func double(
    _ content: JSONValue, _ path: String, _ nonFinite: NonFinite
  ) throws(RegistryError) -> JSONValue {
    if case .number = content { return content }
    guard let word = content.asString, ["NaN", "Infinity", "-Infinity"].contains(word) else {
      throw unreadable(path, "is no number")
    }
    guard nonFinite == .null else { throw unreadable(path, "is \(word), which is no number") }
    return .null
  }

  private static func unreadable(_ path: String, _ what: String) -> RegistryError {
    RegistryError(.integrity, "\(path) \(what)", hint: "correct the document, or have its author correct it")
  }
}
