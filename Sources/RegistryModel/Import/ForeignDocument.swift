/// A JSON document of somebody else: strict in its syntax, free in what else it says, and without placeholders.
struct ForeignDocument {
  let name: String
  let value: JSONValue

  /// - Throws: `integrity` for what is no JSON object (duplicate keys and NaN included), and for a placeholder, naming
  ///   the field.
  init(parsing bytes: [UInt8], name: String) throws(RegistryError) {
    self.name = name
    do {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw ImportFolder.broken("\(name.quoted) can't be read: \(error.message)")
    }
    guard value.asObject != nil else { throw ImportFolder.broken("\(name.quoted) is no JSON object") }
    try refusePlaceholders(value, "")
  }

  func problem(_ field: String, _ problem: String) -> RegistryError {
    ImportFolder.broken("the field \(field.quoted) of \(name.quoted) \(problem)")
  }

  private func refusePlaceholders(_ value: JSONValue, _ field: String) throws(RegistryError) {
    switch value {
    case .string(let text):
      guard !Placeholder.isOne(text) else { throw problem(field, "holds a placeholder, \(text.quoted)") }
    case .array(let elements):
      for (index, element) in elements.enumerated() { try refusePlaceholders(element, "\(field)[\(index)]") }
    case .object(let fields):
      for key in fields.keys.sorted() {
        try refusePlaceholders(fields[key] ?? .null, field.isEmpty ? key : "\(field).\(key)")
      }
    default: break
    }
  }
}

extension ForeignDocument {
  /// A field that may be missing or null.
  func field(_ key: String) -> JSONValue? {
    guard let field = value[key], !field.isNull else { return nil }
    return field
  }

  func text(_ key: String) throws(RegistryError) -> String? {
    guard let field = field(key) else { return nil }
    guard let text = field.asString else {
      throw problem(key, "is \(field.kindName), and a string is needed")
    }
    return text.isEmpty ? nil : text
  }

  func object(_ key: String) throws(RegistryError) -> [String: JSONValue]? {
    guard let field = field(key) else { return nil }
    guard let object = field.asObject else {
      throw problem(key, "is \(field.kindName), and an object is needed")
    }
    return object
  }

  func version(_ key: String) throws(RegistryError) -> ForeignVersion? {
    guard let field = field(key) else { return nil }
    guard let version = ForeignVersion(field) else { throw problem(key, "is no version") }
    return version
  }

  func time(_ key: String) throws(RegistryError) -> Timestamp? {
    guard let field = field(key) else { return nil }
    guard let time = Timestamp(foreign: field) else { throw problem(key, "is no time") }
    return time
  }

  func metric(_ value: JSONValue?, _ key: String) throws(RegistryError) -> Double? {
    guard let value, !value.isNull else { return nil }
    guard let number = value.asDouble else {
      throw problem(key, "is \(value.kindName), and a number is needed")
    }
    return number
  }

  func digest(_ value: JSONValue?, _ key: String) throws(RegistryError) -> Digest? {
    guard let value, !value.isNull else { return nil }
    guard let text = value.asString, let digest = Digest(foreign: text) else {
      throw problem(key, "is no SHA-256 digest")
    }
    return digest
  }

  /// The elements of `files`, each with its name, size and digest as far as they are there.
  func files(
    _ take: (_ name: String, _ bytes: Int64?, _ digest: Digest?) throws(RegistryError) -> Void
  ) throws(RegistryError) {
    guard let field = field("files") else { return }
    guard let elements = field.asArray else {
      throw problem("files", "is \(field.kindName), and an array is needed")
    }
    for (index, element) in elements.enumerated() {
      let place = "files[\(index)]"
      guard let name = element["name"]?.asString else {
        throw problem("\(place).name", "is missing or no string")
      }
      let size = element["size"]?.asInt
      guard size != nil || element["size"]?.isNull ?? true else {
        throw problem("\(place).size", "is no integer")
      }
      try take(name, size, digest(element["checksum"], "\(place).checksum"))
    }
  }
}
