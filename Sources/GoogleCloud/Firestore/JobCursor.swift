import RegistryModel

/// Where a list of jobs goes on: in two sequences, which are merged.
///
/// Firestore sorts by type first, and older documents have their `created_at` as text, which is why all of them come
/// before those that have it as a time. So documents with texts are one sequence, and those with times another.
struct JobCursor: Hashable {
  /// Where one sequence goes on.
  enum Place: Hashable {
    case beginning
    /// Behind a document, by what it is sorted by.
    case after(createdAt: JSONValue, id: String)
    case end
  }

  var times = Place.beginning
  var texts = Place.beginning

  init() {}

  /// - Throws: `usage` for anything but ``text``.
  init(parsing text: String) throws(RegistryError) {
    guard let bytes = Base64.decodeFromAddress(text), let json = try? JSONValue(parsing: bytes),
      let times = json["times"].flatMap(Place.init), let texts = json["texts"].flatMap(Place.init)
    else {
      throw RegistryError(
        .usage, "\(text.quoted) names no page of a list of jobs", hint: "begin with the first page again")
    }
    self.times = times
    self.texts = texts
  }

  /// What asks for the next page; nil where there is none.
  var text: String? {
    guard times != .end || texts != .end else { return nil }
    let json: JSONValue = ["times": times.json, "texts": texts.json]
    return Base64.encodeForAddress(json.canonicalBytes)
  }
}

extension JobCursor.Place {
  fileprivate init?(_ json: JSONValue) {
    if json.isNull {
      self = .end
    } else if json == [:] {
      self = .beginning
    } else {
      guard let createdAt = json["created_at"], createdAt.asObject != nil, let id = json["id"]?.asString,
        1...1500 ~= id.utf8.count, !id.contains("/")
      else { return nil }
      self = .after(createdAt: createdAt, id: id)
    }
  }

  fileprivate var json: JSONValue {
    switch self {
    case .beginning: [:]
    case .after(let createdAt, let id): ["created_at": createdAt, "id": .string(id)]
    case .end: .null
    }
  }
}
