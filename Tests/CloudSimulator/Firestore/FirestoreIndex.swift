package import RegistryModel

/// A composite index, as `firestore.indexes.json` declares it.
package struct FirestoreIndex: Hashable, Sendable {
  package struct Field: Hashable, Sendable {
    package let path: String
    package let isDescending: Bool

    package init(_ path: String, isDescending: Bool) {
      self.path = path
      self.isDescending = isDescending
    }
  }

  package let collection: String
  package let fields: [Field]

  package init(collection: String, fields: [Field]) {
    self.collection = collection
    self.fields = fields
  }

  /// The indexes of a file as Firebase's tools read it.
  ///
  /// - Throws: `integrity`.
  package static func list(_ json: JSONValue) throws(RegistryError) -> [FirestoreIndex] {
    var reader = try JSONReader(json, context: "indexes")
    _ = try reader.optional("fieldOverrides", .array)
    let indexes = try reader.required(
      "indexes",
      objects: { (reader: inout JSONReader) throws(RegistryError) in
        _ = try reader.required("queryScope", .string)
        let collection = try reader.required("collectionGroup", .string)
        let fields = try reader.required(
          "fields",
          objects: { (reader: inout JSONReader) throws(RegistryError) in
            let path = try reader.required("fieldPath", .string)
            return Field(path, isDescending: try reader.required("order", .string) == "DESCENDING")
          })
        return FirestoreIndex(collection: collection, fields: fields)
      })
    try reader.finish()
    return indexes
  }
}

extension [FirestoreIndex] {
  /// Whether these serve a query: by themselves, or some of them merged, each for some of the equalities and all for the
  /// same order.
  func serve(_ collection: String, equal: Set<String>, order: [FirestoreIndex.Field]) -> Bool {
    if equal.isEmpty && order.count <= 1 || order.isEmpty { return true }
    var served: Set<String> = []
    for index in self
    where index.collection == collection && index.fields.suffix(order.count).elementsEqual(order) {
      let prefix = Set(index.fields.dropLast(order.count).map(\.path))
      if prefix.isSubset(of: equal) { served.formUnion(prefix) }
    }
    return served == equal
  }
}
