import RegistryModel

extension Storage {
  /// Joins 1 to 32 objects to one without an MD5.
  mutating func compose(_ destination: ObjectLocation, _ call: Call) throws(APIError) -> Reply {
    _ = try bucket(destination.bucket)
    let body = try Self.json(call.request.body)
    guard let entries = body["sourceObjects"]?.asArray, !entries.isEmpty else {
      throw .invalid("You must provide at least one source component.")
    }
    guard entries.count <= 32 else {
      throw .invalid("The number of source components provided (\(entries.count)) exceeds the maximum (32)")
    }
    var sources: [StoredObject] = []
    for entry in entries { sources.append(try component(entry, of: destination.bucket)) }

    var draft = try InsertDraft(
      destination.bucket, call.query,
      resource: .object(
        (body["destination"]?.asObject ?? [:]).merging(["name": .string("\(destination.name)")]) { $1 }))
    if draft.attributes.contentType == nil {
      draft.attributes.contentType = sources.first?.attributes.contentType
    }
    let store = ByteStore(spool: options.spool, hasMD5: false)
    for source in sources {
      try Self.spooling { try store.append(source.bytes, 0..<source.size) }
    }
    let count = sources.reduce(0) { $0 + ($1.componentCount ?? 1) }
    let object = try insert(draft, store, call, componentCount: count)
    if body["deleteSourceObjects"]?.asBool == true {
      for source in sources where source.name != destination.name {
        buckets[destination.bucket]?[source.name] = nil
      }
    }
    return try resource(object, call)
  }

  private func component(_ entry: JSONValue, of bucket: String) throws(APIError) -> StoredObject {
    guard let text = entry["name"]?.asString, let name = ObjectName(text) else {
      throw .invalid("A source component has no valid name.")
    }
    let location = ObjectLocation(bucket: bucket, name: name)
    let object = try object(location, generation: try Self.integer(entry["generation"], "generation"))
    let wanted = try Self.integer(
      entry["objectPreconditions"]?["ifGenerationMatch"], "objectPreconditions.ifGenerationMatch")
    try Preconditions(generation: wanted).check(change: object)
    return object
  }

  /// A 64-bit integer is a string; a number is accepted as the service accepts it.
  private static func integer(_ value: JSONValue?, _ name: String) throws(APIError) -> Int64? {
    guard let value, !value.isNull else { return nil }
    guard let number = value.asString.flatMap({ Decimal.parse($0) }) ?? value.asInt else {
      throw .invalid("Invalid value for: \(name)")
    }
    return number
  }
}
