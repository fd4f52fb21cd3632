import RegistryModel

/// A value of a document, checked, and as Firestore writes it.
struct FirestoreField: Hashable {
  let json: JSONValue
  let order: FirestoreOrder

  static let maximumDepth = 20

  /// - Throws: `INVALID_ARGUMENT` for everything that isn't exactly one value.
  init(_ value: JSONValue, depth: Int = 0) throws(RPCError) {
    guard let members = value.asObject, members.count == 1, let (kind, content) = members.first else {
      throw .invalid("A value must have exactly one of the fields of 'value_type'.")
    }
    var json = value
    switch (kind, content) {
    case ("nullValue", .null): order = .null
    case ("booleanValue", .bool(let value)): order = .bool(value ? 1 : 0)
    case ("integerValue", .string(let text)):
      guard let number = Int64(text), "\(number)" == text else { throw Self.malformed(kind) }
      order = .number(Double(number))
    case ("doubleValue", .number(let number)): order = .number(number)
    case ("doubleValue", .string(let word)):
      guard ["NaN", "Infinity", "-Infinity"].contains(word), let number = Double(word) else {
        throw Self.malformed(kind)
      }
      order = .number(number)
    case ("timestampValue", .string(let text)):
      guard let time = FirestoreTime.microseconds(text) else { throw Self.malformed(kind) }
      json = [kind: .string(FirestoreTime.text(time))]
      order = .time(time)
    case ("stringValue", .string(let text)): order = .text(Array(text.utf8))
    case ("bytesValue", .string(let text)): order = .bytes(Array(text.utf8))
    case ("referenceValue", .string(let text)):
      order = .reference(text.split(separator: "/").map { Array($0.utf8) })
    case ("geoPointValue", .object): order = .other(7, value.canonicalText)
    case ("arrayValue", .object(let array)):
      try array.check(known: ["values"], at: kind)
      json = [kind: .object(try Self.elements(array, depth: depth))]
      order = .other(8, json.canonicalText)
    case ("mapValue", .object(let map)):
      try map.check(known: ["fields"], at: kind)
      guard depth < Self.maximumDepth else { throw Self.tooDeep }
      let fields = try FirestoreFields(map["fields"] ?? [:], depth: depth + 1)
      json = [kind: fields.json.isEmpty ? [:] : ["fields": .object(fields.json)]]
      order = .other(9, json.canonicalText)
    default: throw Self.malformed(kind)
    }
    self.json = json
  }

  private static func elements(
    _ array: [String: JSONValue], depth: Int
  ) throws(RPCError) -> [String: JSONValue] {
    guard depth < maximumDepth else { throw tooDeep }
    var elements: [JSONValue] = []
    for value in array["values"]?.asArray ?? [] {
      if value["arrayValue"] != nil { throw .invalid("Cannot convert an array value in an array value.") }
      elements.append(try FirestoreField(value, depth: depth + 1).json)
    }
    return elements.isEmpty ? [:] : ["values": .array(elements)]
  }

  private static let tooDeep = RPCError.invalid("The maximum depth of a document is \(maximumDepth).")
  private static func malformed(_ kind: String) -> RPCError {
    .invalid("Invalid value at 'value' (\(kind)).")
  }
}

/// How values are sorted: first by type, then within it.
enum FirestoreOrder: Hashable, Comparable {
  case null
  case bool(Int)
  case number(Double)
  case time(Int64)
  case text([UInt8])
  case bytes([UInt8])
  case reference([[UInt8]])
  case other(Int, String)

  static func < (left: FirestoreOrder, right: FirestoreOrder) -> Bool {
    switch (left, right) {
    case (.bool(let left), .bool(let right)): left < right
    // NaN comes before all other numbers.
    case (.number(let left), .number(let right)): left.isNaN ? !right.isNaN : left < right
    case (.time(let left), .time(let right)): left < right
    case (.text(let left), .text(let right)): left.lexicographicallyPrecedes(right)
    case (.bytes(let left), .bytes(let right)): left.lexicographicallyPrecedes(right)
    case (.reference(let left), .reference(let right)):
      left.lexicographicallyPrecedes(right) { $0.lexicographicallyPrecedes($1) }
    case (.other(let left, let leftText), .other(let right, let rightText)) where left == right:
      leftText < rightText
    default: left.rank < right.rank
    }
  }

  private var rank: Int {
    switch self {
    case .null: 0
    case .bool: 1
    case .number: 2
    case .time: 3
    case .text: 4
    case .bytes: 5
    case .reference: 6
    case .other(let rank, _): rank
    }
  }
}
