extension JSONReader {
  /// An object that must be there; ``finish()`` is called on it after the closure.
  public mutating func required<Value>(
    _ key: String, object read: (inout JSONReader) throws(RegistryError) -> Value
  ) throws(RegistryError) -> Value {
    try Self.read(required(key, .any), context: "\(context).\(key)", read)
  }

  /// An object that must be there, and may be `null`, which is nil.
  public mutating func nullable<Value>(
    _ key: String, object read: (inout JSONReader) throws(RegistryError) -> Value
  ) throws(RegistryError) -> Value? {
    guard let json = try nullable(key, .any) else { return nil }
    return try Self.read(json, context: "\(context).\(key)", read)
  }

  /// An array of objects that must be there.
  public mutating func required<Value>(
    _ key: String, objects read: (inout JSONReader) throws(RegistryError) -> Value
  ) throws(RegistryError) -> [Value] {
    let elements = try required(key, .array)
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      values.append(try Self.read(element, context: "\(context).\(key)[\(index)]", read))
    }
    return values
  }

  /// An array that must be there, of values that are all of one kind.
  public mutating func required<Value>(
    _ key: String, elements kind: JSONKind<Value>
  ) throws(RegistryError) -> [Value] {
    try values(of: required(key, .array), key, kind)
  }

  /// An array that may be missing, which is nil, of values that are all of one kind.
  public mutating func optional<Value>(
    _ key: String, elements kind: JSONKind<Value>
  ) throws(RegistryError) -> [Value]? {
    guard let elements = try optional(key, .array) else { return nil }
    return try values(of: elements, key, kind)
  }

  private func values<Value>(
    of elements: [JSONValue], _ key: String, _ kind: JSONKind<Value>
  ) throws(RegistryError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      values.append(try value(of: element, "\(key)[\(index)]", kind))
    }
    return values
  }

  /// An object with any keys that must be there, of values that are all of one kind.
  public mutating func required<Value>(
    _ key: String, values kind: JSONKind<Value>
  ) throws(RegistryError) -> [String: Value] {
    var values: [String: Value] = [:]
    for (name, json) in try required(key, .object) {
      values[name] = try value(of: json, "\(key)[\(name.quoted)]", kind)
    }
    return values
  }

  private static func read<Value>(
    _ json: JSONValue, context: String, _ read: (inout JSONReader) throws(RegistryError) -> Value
  ) throws(RegistryError) -> Value {
    var reader = try JSONReader(json, context: context)
    let value = try read(&reader)
    try reader.finish()
    return value
  }
}
