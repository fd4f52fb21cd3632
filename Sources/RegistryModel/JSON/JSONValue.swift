/// A JSON document in memory (RFC 8259), restricted to what every reader understands alike (I-JSON, RFC 7493).
///
/// Reading is strict, see ``init(parsing:limits:)``, and writing is canonical, see ``canonicalBytes``. Equality is
/// Swift's, so strings that are canonically equivalent in Unicode are equal although their bytes differ: compare
/// ``canonicalBytes`` where bytes matter.
public enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// A finite number. Integers are exact from -(2^53 - 1) to 2^53 - 1.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])
}

extension JSONValue {
  /// The integers that JSON numbers carry exactly (RFC 7493 §2.2).
  public static let safeIntegers: ClosedRange<Int64> = -9_007_199_254_740_991...9_007_199_254_740_991

  /// An integer as a number.
  ///
  /// - Precondition: it lies in ``safeIntegers``; outside, another number than this one would be written.
  public static func integer(_ value: some BinaryInteger) -> JSONValue {
    guard let value = Int64(exactly: value), safeIntegers ~= value else {
      preconditionFailure("\(value) is outside the integers that JSON carries exactly")
    }
    return .number(Double(value))
  }

  /// Whether this is `null`.
  public var isNull: Bool { self == .null }

  public var asBool: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  public var asDouble: Double? {
    guard case .number(let value) = self else { return nil }
    return value
  }

  /// The number as an integer; nil where it has a fraction or lies outside ``safeIntegers``.
  public var asInt: Int64? {
    guard case .number(let value) = self, let integer = Int64(exactly: value),
      Self.safeIntegers ~= integer
    else { return nil }
    return integer
  }

  public var asString: String? {
    guard case .string(let value) = self else { return nil }
    return value
  }

  public var asArray: [JSONValue]? {
    guard case .array(let value) = self else { return nil }
    return value
  }

  public var asObject: [String: JSONValue]? {
    guard case .object(let value) = self else { return nil }
    return value
  }

  /// The field of an object; nil where it is missing or this is no object.
  public subscript(key: String) -> JSONValue? { asObject?[key] }

  /// The kind of value, for messages: "an object".
  package var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
