package import RegistryModel

extension FirestoreClient {
  /// A document has 1 MiB at most, and more of it as JSON.
  private static let documentLimitBytes = 8 << 20
  /// A page of a thousand ordinary documents is a fifth of this.
  private static let pageLimitBytes = 32 << 20

  /// Reads the fields of a mask, in one request.
  ///
  /// `batchGet`, as the answer to a plain GET doesn't say when that was.
  ///
  /// - Parameter name: the document's whole name.
  package func get(
    _ name: String, mask: [String], _ action: String
  ) throws(RegistryError) -> FirestoreReading {
    let paths = JSONValue.array(mask.map { .string($0) })
    var request = HTTPRequest.post(
      try endpoint.call("batchGet"), ["documents": [.string(name)], "mask": ["fieldPaths": paths]])
    request.answerLimitBytes = Self.documentLimitBytes
    let elements = try stream(request, action)
    for element in elements {
      guard let readTime = element["readTime"]?.asString else { continue }
      if element["missing"]?.asString == name { return FirestoreReading(document: nil, readTime: readTime) }
      if let found = element["found"] {
        guard let document = FirestoreDocument(found), document.name == name else { break }
        return FirestoreReading(document: document, readTime: readTime)
      }
    }
    throw connection.malformed(action, "the answer doesn't describe the document")
  }

  /// Runs a `structuredQuery`.
  ///
  /// - Throws: `integrity` where the answer holds something that JSON can't say.
  package func query(
    _ query: JSONValue, _ action: String
  ) throws(RegistryError) -> [FirestoreReading] {
    var request = HTTPRequest.post(try endpoint.call("runQuery"), ["structuredQuery": query])
    request.answerLimitBytes = Self.pageLimitBytes
    var readings: [FirestoreReading] = []
    for element in try stream(request, action) {
      // Where nothing was found, there is one element with a time alone.
      guard let found = element["document"] else { continue }
      guard let document = FirestoreDocument(found), let readTime = element["readTime"]?.asString else {
        throw connection.malformed(action, "the answer doesn't describe a document")
      }
      readings.append(FirestoreReading(document: document, readTime: readTime))
    }
    return readings
  }

  /// Has a read carried out whose answer is an array, into which an error may come behind good elements.
  private func stream(_ request: HTTPRequest, _ action: String) throws(RegistryError) -> [JSONValue] {
    var run = connection.run
    while true {
      do throws(HTTPFailure) {
        var response = try connection.attempt(request)
        if response.isSuccess {
          guard let elements = try elements(of: response, action) else {
            throw HTTPFailure.local(connection.malformed(action, "the answer is no array"))
          }
          guard let broken = elements.first(where: { $0["error"] != nil }) else { return elements }
          let code = broken["error"]?["code"]?.asInt ?? 0
          response = HTTPResponse(
            status: Int(code), headers: response.headers, body: broken.canonicalBytes)
        }
        guard let setback = connection.setback(response), run.pause(after: setback) else {
          throw HTTPFailure.local(problem(response, action))
        }
      } catch {
        guard let setback = Setback(error), run.pause(after: setback) else {
          throw error.asRegistryError(action)
        }
      }
    }
  }

  private func elements(of response: HTTPResponse, _ action: String) throws(HTTPFailure) -> [JSONValue]? {
    do throws(RegistryError) { return try connection.document(response, action).asArray } catch {
      throw .local(error)
    }
  }
}
