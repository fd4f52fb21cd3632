import RegistryModel

/// The fields of a document or a map, checked.
struct FirestoreFields: Hashable {
  private(set) var json: [String: JSONValue] = [:]

  init() {}

  init(_ value: JSONValue, depth: Int = 0) throws(RPCError) {
    guard let members = value.asObject else { throw .invalid("Invalid value at 'fields'.") }
    for (name, value) in members {
      guard !name.isEmpty else { throw .invalid("The property.name is the empty string.") }
      guard !(name.hasPrefix("__") && name.hasSuffix("__")) else {
        throw .invalid("field name \(name) is reserved")
      }
      json[name] = try FirestoreField(value, depth: depth).json
    }
  }

  subscript(path: FieldPath) -> JSONValue? {
    get { Self.find(path.names[...], in: json) }
    set { Self.set(path.names[...], newValue, in: &json) }
  }

  /// Those of the paths alone.
  func masked(_ paths: [FieldPath]?) -> [String: JSONValue] {
    guard let paths else { return json }
    var rest = FirestoreFields()
    for path in paths { if let value = self[path] { rest[path] = value } }
    return rest.json
  }

  private static func find(_ names: ArraySlice<String>, in fields: [String: JSONValue]) -> JSONValue? {
    guard let name = names.first, let value = fields[name] else { return nil }
    let rest = names.dropFirst()
    if rest.isEmpty { return value }
    return value["mapValue"].flatMap { find(rest, in: $0["fields"]?.asObject ?? [:]) }
  }

  /// Something in the way that is no map makes room for one; nil removes.
  private static func set(
    _ names: ArraySlice<String>, _ value: JSONValue?, in fields: inout [String: JSONValue]
  ) {
    guard let name = names.first else { return }
    let rest = names.dropFirst()
    if rest.isEmpty {
      fields[name] = value
      return
    }
    guard value != nil || fields[name]?["mapValue"] != nil else { return }
    var inner = fields[name]?["mapValue"]?["fields"]?.asObject ?? [:]
    set(rest, value, in: &inner)
    fields[name] = ["mapValue": inner.isEmpty ? [:] : ["fields": .object(inner)]]
  }
}

/// `worker.heartbeat_at`: names with a point between; those that are no words stand in backquotes.
struct FieldPath: Hashable {
  let names: [String]
  var text: String { names.joined(separator: ".") }

  /// - Throws: `INVALID_ARGUMENT` for what needs backquotes and hasn't them.
  init(_ json: JSONValue?) throws(RPCError) {
    guard let text = json?.asString else { throw .invalid("A field path must be a string.") }
    var names: [String] = []
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
      let isQuoted = part.count > 2 && part.hasPrefix("`") && part.hasSuffix("`")
      let isWord =
        part.utf8.first.map { !(48...57).contains($0) } == true
        && part.utf8.allSatisfy { (48...57).contains($0) || ($0 | 32) >= 97 && ($0 | 32) <= 122 || $0 == 95 }
      guard isQuoted || isWord else { throw .invalid("Invalid property path \"\(text)\".") }
      names.append(String(isQuoted ? part.dropFirst().dropLast() : part))
    }
    self.names = names
  }

  /// The paths of a `DocumentMask`.
  static func list(_ mask: JSONValue?) throws(RPCError) -> [FieldPath]? {
    guard let mask else { return nil }
    guard let members = mask.asObject else { throw .invalid("Invalid value at 'mask'.") }
    try members.check(known: ["fieldPaths"], at: "mask")
    var paths: [FieldPath] = []
    for path in members["fieldPaths"]?.asArray ?? [] { paths.append(try FieldPath(path)) }
    return paths
  }
}
