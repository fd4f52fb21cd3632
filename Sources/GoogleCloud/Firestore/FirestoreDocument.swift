package import RegistryModel

/// A document as Firestore's JSON interface writes it.
package struct FirestoreDocument: Hashable, Sendable {
  /// `projects/PROJECT/databases/DATABASE/documents/COLLECTION/ID`.
  package let name: String
  /// Values as ``FirestoreValue`` reads them: those of the mask alone.
  package let fields: [String: JSONValue]
  /// When it was last changed, exactly as the server writes it: names this state of the document.
  package let updateTime: String

  /// Nil where the JSON describes no document.
  package init?(_ json: JSONValue) {
    guard let name = json["name"]?.asString, let updateTime = json["updateTime"]?.asString,
      let fields = (json["fields"] ?? [:]).asObject
    else { return nil }
    self.name = name
    self.fields = fields
    self.updateTime = updateTime
  }

  /// The last part of the name.
  package var id: String { name.split(separator: "/").last.map(String.init) ?? "" }
}

/// What a read found, and when that was by the server's clock.
package struct FirestoreReading: Hashable, Sendable {
  /// Nil where there is none.
  package let document: FirestoreDocument?
  package let readTime: String
}

/// One change of one document.
package struct FirestoreWrite: Sendable {
  package enum Precondition: Hashable, Sendable {
    case isMissing
    /// Nobody changed it since, by ``FirestoreDocument/updateTime``.
    case isUnchanged(since: String)
  }

  /// The document's whole name.
  package let name: String
  /// Encoded values, all of them under a name of the mask.
  package let fields: [String: JSONValue]
  /// The paths that are written; one that `fields` doesn't have is removed, and everything else is left as it is. Nil for
  /// a new document.
  package let mask: [String]?
  /// A field that gets the server's time.
  package let timeField: String
  package let precondition: Precondition

  var json: JSONValue {
    var write: [String: JSONValue] = [
      "update": ["name": .string(name), "fields": .object(fields)],
      "updateTransforms": [["fieldPath": .string(timeField), "setToServerValue": "REQUEST_TIME"]],
    ]
    if let mask { write["updateMask"] = ["fieldPaths": .array(mask.map { .string($0) })] }
    switch precondition {
    case .isMissing: write["currentDocument"] = ["exists": false]
    case .isUnchanged(let time): write["currentDocument"] = ["updateTime": .string(time)]
    }
    return ["writes": [.object(write)]]
  }
}
