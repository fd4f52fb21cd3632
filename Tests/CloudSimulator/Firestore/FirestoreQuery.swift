import RegistryModel

/// A `structuredQuery` of those that are simulated: one collection, equalities, an order, cursors and a limit.
struct FirestoreQuery {
  struct Cursor {
    let values: [FirestoreOrder]
    let isBefore: Bool
  }

  let collection: String
  let equal: [(path: FieldPath, value: FirestoreField)]
  let order: [(path: FieldPath, isDescending: Bool)]
  let start: Cursor?
  let end: Cursor?
  let limit: Int
  let mask: [FieldPath]?

  init(_ json: JSONValue?) throws(RPCError) {
    guard let query = json?.asObject else { throw .invalid("A structuredQuery is needed.") }
    try query.check(
      known: ["select", "from", "where", "orderBy", "startAt", "endAt", "limit"], at: "structured_query")
    let from = query["from"]?.asArray ?? []
    guard from.count == 1, let selector = from[0].asObject,
      let collection = selector["collectionId"]?.asString
    else { throw .invalid("The simulator queries exactly one collection.") }
    try selector.check(known: ["collectionId"], at: "structured_query.from")
    self.collection = collection
    equal = try Self.equalities(query["where"])
    order = try Self.order(query["orderBy"]?.asArray ?? [])
    start = try Self.cursor(query["startAt"], order.count)
    end = try Self.cursor(query["endAt"], order.count)
    limit = query["limit"].map { Int($0.asInt ?? -1) } ?? .max
    guard limit > 0 else { throw .invalid("The limit must be positive.") }
    if let select = query["select"]?.asObject {
      try select.check(known: ["fields"], at: "structured_query.select")
      var mask: [FieldPath] = []
      for field in select["fields"]?.asArray ?? [] { mask.append(try FieldPath(field["fieldPath"])) }
      self.mask = mask
    } else {
      mask = nil
    }
  }

  private static func equalities(
    _ json: JSONValue?
  ) throws(RPCError) -> [(path: FieldPath, value: FirestoreField)] {
    guard let filter = json?.asObject else { return [] }
    try filter.check(known: ["fieldFilter", "compositeFilter"], at: "structured_query.where")
    if let composite = filter["compositeFilter"]?.asObject {
      try composite.check(known: ["op", "filters"], at: "composite_filter")
      guard composite["op"] == "AND", let filters = composite["filters"]?.asArray, !filters.isEmpty else {
        throw .invalid("The simulator knows the composite filter AND alone.")
      }
      var all: [(path: FieldPath, value: FirestoreField)] = []
      for filter in filters { all += try equalities(filter) }
      return all
    }
    guard let field = filter["fieldFilter"]?.asObject, field["op"] == "EQUAL", let value = field["value"]
    else {
      throw .invalid("The simulator knows the filter EQUAL alone.")
    }
    try field.check(known: ["field", "op", "value"], at: "field_filter")
    return [(try FieldPath(field["field"]?["fieldPath"]), try FirestoreField(value))]
  }

  private static func order(_ json: [JSONValue]) throws(RPCError) -> [(path: FieldPath, isDescending: Bool)] {
    var order: [(path: FieldPath, isDescending: Bool)] = []
    for element in json {
      try (element.asObject ?? [:]).check(known: ["field", "direction"], at: "structured_query.order_by")
      let direction = element["direction"]?.asString ?? "ASCENDING"
      guard ["ASCENDING", "DESCENDING"].contains(direction) else { throw .invalid("Invalid direction.") }
      order.append((try FieldPath(element["field"]?["fieldPath"]), direction == "DESCENDING"))
    }
    return order
  }

  private static func cursor(_ json: JSONValue?, _ count: Int) throws(RPCError) -> Cursor? {
    guard let json else { return nil }
    try (json.asObject ?? [:]).check(known: ["values", "before"], at: "cursor")
    let values = json["values"]?.asArray ?? []
    guard 1...max(1, count) ~= values.count else { throw .invalid("Cursor has too many values.") }
    var orders: [FirestoreOrder] = []
    for value in values { orders.append(try FirestoreField(value).order) }
    return Cursor(values: orders, isBefore: json["before"] == true)
  }
}

extension FirestoreDatabase {
  func runQuery(
    _ call: FirestoreCall, _ body: [String: JSONValue], now: Int64
  ) throws(RPCError) -> JSONValue {
    try body.check(known: ["structuredQuery"])
    let query = try FirestoreQuery(body["structuredQuery"])
    try requireIndex(query, call)
    let prefix = "\(call.root)\(query.collection)/"
    var rows: [(keys: [FirestoreOrder], document: Document)] = []
    for document in documents.values where document.name.hasPrefix(prefix) {
      guard query.equal.allSatisfy({ document.fields[$0.path] == $0.value.json }) else { continue }
      var keys: [FirestoreOrder] = []
      for (path, _) in query.order {
        let isName = path.text == "__name__"
        guard let value = isName ? ["referenceValue": .string(document.name)] : document.fields[path] else {
          break
        }
        keys.append(try FirestoreField(value).order)
      }
      // What lacks a field that is sorted by isn't found.
      if keys.count == query.order.count { rows.append((keys, document)) }
    }
    rows.sort { query.precedes($0.keys, $1.keys) ?? ($0.document.name < $1.document.name) }
    if let start = query.start { rows.removeAll { query.isBefore($0.keys, start) } }
    if let end = query.end { rows.removeAll { !query.isBefore($0.keys, end) } }
    let time = JSONValue.string(FirestoreTime.text(readTime(now)))
    let found = rows.prefix(query.limit).map { row -> JSONValue in
      ["document": row.document.json(query.mask), "readTime": time]
    }
    return .array(found.isEmpty ? [["readTime": time]] : found)
  }

  /// As the service does and the official emulator doesn't.
  private func requireIndex(_ query: FirestoreQuery, _ call: FirestoreCall) throws(RPCError) {
    let named = query.order.filter { $0.path.text != "__name__" }
    let order = named.map { FirestoreIndex.Field($0.path.text, isDescending: $0.isDescending) }
    let isNameAlike =
      query.order.last.map {
        $0.path.text != "__name__" || $0.isDescending == (named.last?.isDescending ?? false)
      }
      ?? true
    let equal = Set(query.equal.map(\.path.text))
    guard isNameAlike, indexes.serve(query.collection, equal: equal, order: order) else {
      throw .failedPrecondition(
        "The query requires an index. You can create it here: https://console.firebase.google.com/v1/r/project/"
          + "\(call.project)/firestore/indexes?create_composite=simulated")
    }
  }
}

extension FirestoreQuery {
  /// Nil where the order doesn't tell.
  func precedes(_ left: [FirestoreOrder], _ right: [FirestoreOrder]) -> Bool? {
    for (index, (left, right)) in zip(left, right).enumerated() where left != right {
      return (left < right) != order[index].isDescending
    }
    return nil
  }

  /// Whether a row lies before a cursor's place.
  func isBefore(_ keys: [FirestoreOrder], _ cursor: Cursor) -> Bool {
    precedes(Array(keys.prefix(cursor.values.count)), cursor.values) ?? !cursor.isBefore
  }
}
