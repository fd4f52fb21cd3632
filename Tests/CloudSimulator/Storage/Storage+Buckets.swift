import RegistryModel

extension Storage {
  func listBuckets(_ call: Call) -> Reply {
    let prefix = call.query["prefix"] ?? ""
    let names = buckets.keys.filter { $0.hasPrefix(prefix) }.sorted()
    var answer: [String: JSONValue] = ["kind": "storage#buckets"]
    let items = names.compactMap { buckets[$0]?.resource(call.baseURL) }
    if !items.isEmpty { answer["items"] = .array(items) }
    return .json(200, .object(answer))
  }

  mutating func insertBucket(_ call: Call) throws(APIError) -> Reply {
    guard let name = try Self.json(call.request.body)["name"]?.asString else { throw .required("name") }
    guard Bucket.isValid(name: name) else { throw .invalid("Invalid bucket name: '\(name)'") }
    guard buckets[name] == nil else {
      throw APIError(
        status: 409, reason: "conflict",
        message: "Your previous request to create the named bucket succeeded and you already own it.")
    }
    let bucket = Bucket(name: name, createdMicroseconds: call.nowMicroseconds)
    buckets[name] = bucket
    return .json(200, bucket.resource(call.baseURL))
  }

  mutating func deleteBucket(_ name: String) throws(APIError) -> Reply {
    guard try bucket(name).isEmpty else {
      throw APIError(
        status: 409, reason: "conflict", message: "The bucket you tried to delete is not empty.")
    }
    buckets[name] = nil
    return Reply(204)
  }

  func bucketLayout(_ name: String) throws(APIError) -> Reply {
    let bucket = try bucket(name)
    return .json(
      200,
      [
        "kind": "storage#storageLayout", "bucket": .string(bucket.name), "location": "US",
        "locationType": "multi-region", "hierarchicalNamespace": ["enabled": false],
      ])
  }
}
