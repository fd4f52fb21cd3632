import RegistryModel

/// The parameter `fields`: which fields of the answer the client wants, such as `items(name,size),nextPageToken`.
struct FieldsMask {
  /// By name; `*` is any. None means everything below.
  private(set) var children: [String: FieldsMask] = [:]

  private init() {}

  init(parsing text: String) throws(APIError) {
    var rest = Substring(text)
    self = try Self.list(&rest)
    guard rest.isEmpty else { throw Self.malformed(text) }
  }

  func apply(to value: JSONValue) -> JSONValue {
    if children.isEmpty { return value }
    switch value {
    case .object(let fields):
      var kept: [String: JSONValue] = [:]
      for (key, value) in fields {
        if let child = children[key] ?? children["*"] { kept[key] = child.apply(to: value) }
      }
      return .object(kept)
    case .array(let elements): return .array(elements.map { apply(to: $0) })
    default: return value
    }
  }

  /// Refuses a field that the answer can't have: the service does, and a misspelt one would be missed much later.
  func check(known: Set<String>, items: Set<String> = []) throws(APIError) {
    for (key, child) in children where key != "*" {
      guard known.contains(key) else { throw Self.malformed(key) }
      if key == "items" { try child.check(known: items) }
    }
  }

  private static func list(_ rest: inout Substring) throws(APIError) -> FieldsMask {
    var mask = FieldsMask()
    while true {
      let name = String(rest.prefix { $0.isLetter || $0.isNumber || "*_-".contains($0) })
      guard !name.isEmpty else { throw malformed(String(rest)) }
      rest.removeFirst(name.count)
      var child = FieldsMask()
      if rest.first == "/" {
        rest.removeFirst()
        child = try path(&rest)
      } else if rest.first == "(" {
        child = try group(&rest)
      }
      mask.children[name, default: FieldsMask()].children.merge(child.children) { first, _ in first }
      guard rest.first == "," else { return mask }
      rest.removeFirst()
    }
  }

  private static func path(_ rest: inout Substring) throws(APIError) -> FieldsMask {
    let name = String(rest.prefix { $0.isLetter || $0.isNumber || "*_-".contains($0) })
    guard !name.isEmpty else { throw malformed(String(rest)) }
    rest.removeFirst(name.count)
    var mask = FieldsMask()
    mask.children[name] = FieldsMask()
    if rest.first == "/" {
      rest.removeFirst()
      mask.children[name] = try path(&rest)
    } else if rest.first == "(" {
      mask.children[name] = try group(&rest)
    }
    return mask
  }

  private static func group(_ rest: inout Substring) throws(APIError) -> FieldsMask {
    rest.removeFirst()
    let mask = try list(&rest)
    guard rest.first == ")" else { throw malformed(String(rest)) }
    rest.removeFirst()
    return mask
  }

  private static func malformed(_ text: String) -> APIError {
    APIError(
      status: 400, reason: "invalidParameter", message: "Invalid field selection \(text)",
      location: ["parameter", "fields"])
  }
}
