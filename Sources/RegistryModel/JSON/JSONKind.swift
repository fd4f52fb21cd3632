/// What a field of a document must be, and how to get the value out of it.
///
/// A kind is a description ("a string") and a conversion; ``JSONReader`` adds where it happened.
public struct JSONKind<Value: Sendable>: Sendable {
  /// What is expected, with its article, for the message.
  public let name: String
  private let convert: @Sendable (JSONValue) throws(RegistryError) -> Value?

  /// Makes a kind; the conversion returns nil where the value is of another kind, and throws where it is of this
  /// kind but says something wrong.
  public init(
    name: String, convert: @escaping @Sendable (JSONValue) throws(RegistryError) -> Value?
  ) {
    self.name = name
    self.convert = convert
  }

  /// The value of this kind, nil where it is of another.
  func value(of json: JSONValue) throws(RegistryError) -> Value? {
    try convert(json)
  }
}

extension JSONKind where Value == String {
  public static var string: Self { Self(name: "a string") { $0.asString } }
}

extension JSONKind where Value == Bool {
  public static var bool: Self { Self(name: "true or false") { $0.asBool } }
}

extension JSONKind where Value == Double {
  public static var number: Self { Self(name: "a number") { $0.asDouble } }
}

extension JSONKind where Value == Int64 {
  /// An integer that a double carries exactly.
  public static var integer: Self { Self(name: "an integer within ±(2^53 - 1)") { $0.asInt } }
}

extension JSONKind where Value == [JSONValue] {
  public static var array: Self { Self(name: "an array") { $0.asArray } }
}

extension JSONKind where Value == [String: JSONValue] {
  public static var object: Self { Self(name: "an object") { $0.asObject } }
}

extension JSONKind where Value == JSONValue {
  /// Whatever is there, `null` included.
  public static var any: Self { Self(name: "a value") { $0 } }
}

extension JSONKind where Value == Digest {
  public static var digest: Self { .parsed(Digest.init(parsing:)) }
}

extension JSONKind where Value == VersionID {
  public static var version: Self { .parsed(VersionID.init(parsing:)) }
}

extension JSONKind where Value == AdapterName {
  public static var adapter: Self { .parsed(AdapterName.init(parsing:)) }
}

extension JSONKind where Value == Timestamp {
  public static var timestamp: Self { .parsed(Timestamp.init(parsing:)) }
}

extension JSONKind where Value == RelativePath {
  public static var path: Self { .parsed(RelativePath.init(parsing:)) }
}

extension JSONKind where Value == RobotName {
  public static var robot: Self { .parsed(RobotName.init(parsing:)) }
}

extension JSONKind where Value == RemoteURI {
  public static var remote: Self { .parsed(RemoteURI.init(parsing:)) }
}

extension JSONKind where Value == DurationText {
  public static var duration: Self {
    .parsed(as: "a duration such as 90s, 10m or 7d", DurationText.init(parsing:))
  }
}

extension JSONKind where Value == ByteCount {
  public static var size: Self { .parsed(as: "a size such as 512MiB", ByteCount.init(parsing:)) }
}

extension JSONKind {
  /// A string that a parser turns into a typed value.
  public static func parsed(_ parse: @escaping @Sendable (String) throws(RegistryError) -> Value) -> Self {
    parsed(as: "a string", parse)
  }

  /// The same, where messages can name more than a string.
  public static func parsed(
    as name: String, _ parse: @escaping @Sendable (String) throws(RegistryError) -> Value
  ) -> Self {
    Self(name: name) { (json) throws(RegistryError) in
      guard let text = json.asString else { return nil }
      return try parse(text)
    }
  }
}
