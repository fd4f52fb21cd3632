import RegistryModel

extension FirestoreDatabase {
  /// All writes or none.
  mutating func commit(
    _ call: FirestoreCall, _ body: [String: JSONValue], now: Int64
  ) throws(RPCError) -> JSONValue {
    try body.check(known: ["writes"])
    guard let writes = body["writes"]?.asArray, 1...500 ~= writes.count else {
      throw .invalid("A commit has 1 to 500 writes.")
    }
    var after = self
    let time = after.changeTime(now)
    var results: [JSONValue] = []
    for write in writes { results.append(try after.apply(write, call, time: time)) }
    self = after
    return ["writeResults": .array(results), "commitTime": .string(FirestoreTime.text(time))]
  }

  private mutating func apply(
    _ json: JSONValue, _ call: FirestoreCall, time: Int64
  ) throws(RPCError) -> JSONValue {
    guard let write = json.asObject else { throw .invalid("Invalid value at 'writes'.") }
    try write.check(
      known: ["update", "delete", "updateMask", "updateTransforms", "currentDocument"], at: "writes")
    if let deleted = write["delete"] {
      let name = try call.documentName(deleted)
      try check(write["currentDocument"], name)
      documents[name] = nil
      return [:]
    }
    guard let update = write["update"]?.asObject else { throw .invalid("A write needs an operation.") }
    try update.check(known: ["name", "fields"], at: "writes.update")
    let name = try call.documentName(update["name"])
    try check(write["currentDocument"], name)
    let sent = try FirestoreFields(update["fields"] ?? [:])
    let old = documents[name]
    var fields = sent
    if let mask = try FieldPath.list(write["updateMask"]) {
      for path in sent.leaves where !mask.contains(where: { path.starts(with: $0.names) }) {
        throw .invalid("The field \(path.joined(separator: ".")) isn't in the update mask.")
      }
      fields = old?.fields ?? FirestoreFields()
      for path in mask { fields[path] = sent[path] }
    }
    let results = try transform(&fields, write["updateTransforms"], time: time)
    guard JSONValue.object(fields.json).canonicalBytes.count <= 1 << 20 else {
      throw .invalid(
        "Document '\(name)' cannot be written because its size exceeds the maximum of 1,048,576 bytes.")
    }
    // What changes nothing keeps its time.
    let updateTime = old?.fields == fields ? old?.updateTime ?? time : time
    documents[name] = Document(
      name: name, fields: fields, createTime: old?.createTime ?? time, updateTime: updateTime)
    var result: [String: JSONValue] = ["updateTime": .string(FirestoreTime.text(updateTime))]
    if !results.isEmpty { result["transformResults"] = .array(results) }
    return .object(result)
  }

  private func check(_ condition: JSONValue?, _ name: String) throws(RPCError) {
    guard let condition = condition?.asObject else { return }
    try condition.check(known: ["exists", "updateTime"], at: "current_document")
    let document = documents[name]
    if condition["exists"] == true, document == nil { throw .notFound("No document to update: \(name)") }
    if condition["exists"] == false, document != nil {
      throw .alreadyExists("Document already exists: \(name)")
    }
    guard let wanted = condition["updateTime"] else { return }
    guard condition["exists"] == nil, let time = wanted.asString.flatMap(FirestoreTime.microseconds) else {
      throw .invalid("Invalid value at 'current_document'.")
    }
    guard document?.updateTime == time else {
      throw .failedPrecondition(
        "the stored version (\(document?.updateTime ?? 0)) does not match the required base version (\(time))"
      )
    }
  }

  private func transform(
    _ fields: inout FirestoreFields, _ json: JSONValue?, time: Int64
  ) throws(RPCError) -> [JSONValue] {
    var results: [JSONValue] = []
    for transform in json?.asArray ?? [] {
      let members = transform.asObject ?? [:]
      try members.check(known: ["fieldPath", "setToServerValue", "increment"], at: "update_transforms")
      let path = try FieldPath(members["fieldPath"])
      if members["setToServerValue"] == "REQUEST_TIME" {
        // In milliseconds.
        fields[path] = ["timestampValue": .string(FirestoreTime.text(time / 1000 * 1000))]
      } else if let step = members["increment"]?["integerValue"]?.asString.flatMap({ Int64($0) }) {
        let before = fields[path]?["integerValue"]?.asString.flatMap { Int64($0) } ?? 0
        fields[path] = ["integerValue": .string("\(before.addingReportingOverflow(step).partialValue)")]
      } else {
        throw .invalid("The transform isn't simulated.")
      }
      results.append(fields[path] ?? ["nullValue": nil])
    }
    return results
  }
}

extension FirestoreFields {
  /// The paths of everything that isn't a map with something in it.
  fileprivate var leaves: [[String]] { Self.leaves(json) }

  private static func leaves(_ fields: [String: JSONValue]) -> [[String]] {
    fields.flatMap { name, value in
      let inner = leaves(value["mapValue"]?["fields"]?.asObject ?? [:])
      return inner.isEmpty ? [[name]] : inner.map { [name] + $0 }
    }
  }
}
