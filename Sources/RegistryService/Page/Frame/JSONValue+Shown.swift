import RegistryModel

/// Documents as pages read them: what is missing or of another kind isn't shown.
extension JSONValue {
  func text(_ key: String) -> String? { self[key]?.asString }
  func whole(_ key: String) -> Int64? { self[key]?.asInt }
  func decimal(_ key: String) -> Double? { self[key]?.asDouble }
  func holds(_ key: String) -> Bool { self[key]?.asBool ?? false }
  /// A field that is there and isn't null.
  func part(_ key: String) -> JSONValue? {
    guard let value = self[key], !value.isNull else { return Optional.none }
    return value
  }

  func list(_ key: String) -> [JSONValue] { self[key]?.asArray ?? [] }
  func texts(_ key: String) -> [String] { list(key).compactMap(\.asString) }
  func moment(_ key: String, now: Timestamp) -> Moment? { text(key).map { Moment($0, now: now) } }

  /// The fields of an object, by name.
  var sorted: [(name: String, value: JSONValue)] {
    (asObject ?? [:]).sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
  }

  /// A value in a cell: text as it is, numbers as people read them, the rest as JSON.
  var shown: String {
    switch self {
    case .string(let text): text
    case .number(let value): Shown.number(value)
    case .bool(let value): value ? "yes" : "no"
    case .null: "—"
    case .array(let items): Self.listed(items.map(\.inner))
    case .object:
      Self.listed(sorted.filter { !$0.value.isNull }.map { "\($0.name) \($0.value.inner)" })
    }
  }

  private static func listed(_ texts: [String]) -> String {
    texts.isEmpty ? "—" : texts.joined(separator: ", ")
  }

  /// The same within another value: digests cut short, and what is nested deeper as JSON.
  private var inner: String {
    switch self {
    case .string(let text): Shown.digest(text)
    case .array, .object: canonicalText
    default: shown
    }
  }
}
