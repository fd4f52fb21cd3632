public import RegistryModel

extension StorageClient {
  public func remove(_ name: RelativePath, ifGeneration generation: Int64) throws(RegistryError) -> Bool {
    let action = "remove \(label(name))"
    let address = try endpoint.objects(
      location.bucket, [location.objectName(name.text)], [("ifGenerationMatch", "\(generation)")])
    let answer = try call(HTTPRequest(.delete, address), action)
    switch answer.response.status {
    case 200, 204: return true
    case 404:
      let problem = ServiceProblem(answer.response)
      guard !problem.isBucketMissing else { throw self.problem(answer.response, action) }
      guard problem.isDocument else { throw malformed(action, "the answer 404 isn't the store's") }
      // Gone after a try without an answer: that try did it.
      return answer.isAmbiguous
    case 412: return false
    default: throw problem(answer.response, action)
    }
  }
}
