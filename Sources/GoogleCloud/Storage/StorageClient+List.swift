public import RegistryModel

extension StorageClient {
  /// A page of a thousand objects, each with the most metadata that an object can have, and more.
  private static let pageLimitBytes = 16 << 20

  public func list(_ query: ObjectQuery, page: String?) throws(RegistryError) -> ObjectPage {
    let action = "list \(uri)"
    var fields = [
      ("prefix", location.objectName(query.prefix)), ("maxResults", "\(query.pageSize)"),
      ("fields", "items(\(ObjectResource.fields)),prefixes,nextPageToken"),
    ]
    if query.isShallow { fields.append(("delimiter", "/")) }
    if let start = query.start { fields.append(("startOffset", location.objectName(start))) }
    if let page { fields.append(("pageToken", page)) }
    var request = HTTPRequest(.get, try endpoint.objects(location.bucket, [], fields))
    request.answerLimitBytes = Self.pageLimitBytes
    let response = try call(request, action).response
    guard response.status == 200 else { throw problem(response, action) }
    return try self.page(document(response, action), query, action)
  }

  private func page(
    _ json: JSONValue, _ query: ObjectQuery, _ action: String
  ) throws(RegistryError) -> ObjectPage {
    var objects: [ObjectInfo] = []
    for item in json["items"]?.asArray ?? [] {
      guard let fullName = item["name"]?.asString else { throw malformed(action, "an object has no name") }
      // A name that is none of ours is left out, and what ours has must be whole.
      guard let name = path(fullName, query) else { continue }
      guard let info = ObjectResource.parse(item, as: { _ in name }) else {
        throw malformed(action, "the answer doesn't describe \(fullName.quoted)")
      }
      objects.append(info)
    }
    var folders: [String] = []
    for folder in json["prefixes"]?.asArray ?? [] {
      guard let fullName = folder.asString, fullName.utf8.last == UInt8(ascii: "/"),
        let name = path(String(fullName.dropLast()), query, suffix: "/")
      else { continue }
      folders.append("\(name.text)/")
    }
    let next = json["nextPageToken"]?.asString
    return ObjectPage(objects: objects, folders: folders, next: next?.isEmpty == false ? next : nil)
  }

  /// What a full name is called here; nil where it wasn't asked for, or is no path.
  private func path(_ fullName: String, _ query: ObjectQuery, suffix: String = "") -> RelativePath? {
    guard let name = location.relativeName(fullName), "\(name)\(suffix)".afterPrefix(query.prefix) != nil
    else { return nil }
    return try? RelativePath(parsing: name)
  }
}
