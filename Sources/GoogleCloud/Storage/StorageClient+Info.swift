public import RegistryModel

extension StorageClient {
  public func info(_ name: RelativePath) throws(RegistryError) -> ObjectInfo? {
    let action = "look up \(label(name))"
    let address = try endpoint.objects(
      location.bucket, [location.objectName(name.text)], [("fields", ObjectResource.fields)])
    let response = try call(HTTPRequest(.get, address), action).response
    switch response.status {
    case 200: return try info(document(response, action), of: name, action)
    case 404:
      let problem = ServiceProblem(response)
      guard !problem.isBucketMissing else { throw self.problem(response, action) }
      // Only the store itself may say that something isn't there: a gateway's page must not.
      guard problem.isDocument else { throw malformed(action, "the answer 404 isn't the store's") }
      return nil
    default: throw problem(response, action)
    }
  }
}
