public import RegistryModel

extension StorageClient {
  public func copy(_ source: ObjectInfo, to name: RelativePath) throws(RegistryError) -> ObjectCreation {
    let action = "copy \(label(source.name)) to \(label(name))"
    // Something is in the way, and gone when one looks: that can't go on for ever.
    for _ in 0..<3 {
      if let info = try rewrite(source, name, action) { return .created(info) }
      if let existing = try info(name) { return .existed(existing) }
      guard try info(source.name)?.generation == source.generation else { throw gone(source, action) }
    }
    throw malformed(action, "the store says by turns that the object is there and that it isn't")
  }

  /// Has the store copy, in as many calls as it wants; nil where a precondition doesn't hold.
  private func rewrite(
    _ source: ObjectInfo, _ name: RelativePath, _ action: String
  ) throws(RegistryError) -> ObjectInfo? {
    let path = [
      location.objectName(source.name.text), "rewriteTo", "b", location.bucket, "o",
      location.objectName(name.text),
    ]
    var token: String?
    while true {
      var query = [
        ("ifGenerationMatch", "0"), ("sourceGeneration", "\(source.generation)"),
        ("ifSourceGenerationMatch", "\(source.generation)"),
      ]
      if let token { query.append(("rewriteToken", token)) }
      var request = HTTPRequest(.post, try endpoint.objects(location.bucket, path, query))
      // The store answers when it has copied a part, and sends nothing before.
      request.silenceSeconds = 120
      let response = try call(request, action).response
      switch response.status {
      case 200: break
      case 412: return nil
      case 404 where !ServiceProblem(response).isBucketMissing: throw gone(source, action)
      default: throw problem(response, action)
      }
      let json = try document(response, action)
      if json["done"]?.asBool == true {
        let info = try info(json["resource"] ?? .null, of: name, action)
        try check(info, bytes: source.bytes, crc32c: source.crc32c ?? info.crc32c ?? 0, action)
        return info
      }
      guard let next = json["rewriteToken"]?.asString, !next.isEmpty, next != token else {
        throw malformed(action, "the store neither finished nor says how to go on")
      }
      token = next
    }
  }

  private func gone(_ source: ObjectInfo, _ action: String) -> RegistryError {
    RegistryError(
      .notFound, "can't \(action): generation \(source.generation) is gone",
      hint: "run it again, to copy what is there now")
  }
}
