import RegistryModel

/// The documents of all databases, and the calls upon them, without a connection or a clock of their own.
struct FirestoreDatabase {
  struct Document: Hashable {
    let name: String
    var fields: FirestoreFields
    let createTime: Int64
    var updateTime: Int64

    func json(_ mask: [FieldPath]? = nil) -> JSONValue {
      var members: [String: JSONValue] = [
        "name": .string(name), "createTime": .string(FirestoreTime.text(createTime)),
        "updateTime": .string(FirestoreTime.text(updateTime)),
      ]
      let shown = fields.masked(mask)
      if !shown.isEmpty { members["fields"] = .object(shown) }
      return .object(members)
    }
  }

  var documents: [String: Document] = [:]
  var indexes: [FirestoreIndex] = []
  /// Databases that are there, by their name.
  var names: Set<String> = ["(default)"]
  private var lastTime: Int64 = 0

  /// The time of a change: later than that of every one before.
  mutating func changeTime(_ now: Int64) -> Int64 {
    lastTime = max(lastTime + 1, now)
    return lastTime
  }

  /// The time of a read: not before the last change.
  func readTime(_ now: Int64) -> Int64 { max(lastTime, now) }

  mutating func handle(_ call: FirestoreCall, _ request: Request, now: Int64) -> Reply {
    do throws(RPCError) {
      guard names.contains(call.database) else {
        throw .notFound(
          "The database \(call.database) does not exist for project \(call.project) Please visit "
            + "https://console.cloud.google.com/datastore/setup?project=\(call.project) to add a Cloud Datastore "
            + "or Cloud Firestore database. ")
      }
      if let unknown = request.query.parameters.first(where: { !call.parameters.contains($0.name) }) {
        throw .unknownField(unknown.name, at: "")
      }
      switch call.verb {
      case .get(let path): return .json(200, try get(call.root + path, request))
      case .create(let collection): return .json(200, try create(call, collection, request, now: now))
      case .delete(let path): return .json(200, try delete(call.root + path, request, now: now))
      case .batchGet: return .json(200, try batchGet(call, request.object(), now: now))
      case .commit: return .json(200, try commit(call, request.object(), now: now))
      case .runQuery: return .json(200, try runQuery(call, request.object(), now: now))
      }
    } catch { return error.reply(isStreamed: call.isStreamed) }
  }

  private func get(_ name: String, _ request: Request) throws(RPCError) -> JSONValue {
    var mask: [FieldPath]?
    for parameter in request.query.parameters where parameter.name == "mask.fieldPaths" {
      mask = (mask ?? []) + [try FieldPath(.string(parameter.value))]
    }
    guard let document = documents[name] else { throw .notFound("Document \"\(name)\" not found.") }
    return document.json(mask)
  }

  private mutating func create(
    _ call: FirestoreCall, _ collection: String, _ request: Request, now: Int64
  ) throws(RPCError) -> JSONValue {
    guard let id = request.query["documentId"], !id.isEmpty, !id.contains("/") else {
      throw .invalid("A documentId is needed; the simulator makes none.")
    }
    let body = try request.object()
    try body.check(known: ["fields"])
    let name = "\(call.root)\(collection)/\(id)"
    guard documents[name] == nil else { throw .alreadyExists("Document already exists: \(name)") }
    let time = changeTime(now)
    let made = Document(
      name: name, fields: try FirestoreFields(body["fields"] ?? [:]), createTime: time, updateTime: time)
    documents[name] = made
    return made.json()
  }

  private mutating func delete(
    _ name: String, _ request: Request, now: Int64
  ) throws(RPCError) -> JSONValue {
    if request.query["currentDocument.exists"] == "true", documents[name] == nil {
      throw .notFound("No document to update: \(name)")
    }
    if documents.removeValue(forKey: name) != nil { _ = changeTime(now) }
    return [:]
  }

  private func batchGet(
    _ call: FirestoreCall, _ body: [String: JSONValue], now: Int64
  ) throws(RPCError) -> JSONValue {
    try body.check(known: ["documents", "mask"])
    let mask = try FieldPath.list(body["mask"])
    let readTime = JSONValue.string(FirestoreTime.text(readTime(now)))
    var elements: [JSONValue] = []
    for json in body["documents"]?.asArray ?? [] {
      let name = try call.documentName(json)
      guard let document = documents[name] else {
        elements.append(["missing": .string(name), "readTime": readTime])
        continue
      }
      elements.append(["found": document.json(mask), "readTime": readTime])
    }
    return .array(elements)
  }
}
