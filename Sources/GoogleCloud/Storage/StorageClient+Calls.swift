import RegistryModel

/// The last answer of a call, and whether an earlier try may have been carried out as well.
struct StorageAnswer {
  let response: HTTPResponse
  let isAmbiguous: Bool
}

extension StorageClient {
  /// One try with a token, and at once another with a new one where the first is refused.
  func attempt(
    _ request: HTTPRequest, accept: (HTTPResponse) throws -> Bool = { _ in false },
    into sink: (UnsafeRawBufferPointer) throws -> Void = { _ in }
  ) throws(HTTPFailure) -> HTTPResponse {
    try http.perform(request, as: credentials, accept: accept, into: sink)
  }

  /// Tries a request until there is an answer that a further try wouldn't change, or time is up.
  ///
  /// For requests only that may be carried out twice.
  func call(_ request: HTTPRequest) throws(HTTPFailure) -> StorageAnswer {
    var run = RetryRun(retry, clock)
    while true {
      do {
        let response = try attempt(request)
        guard let setback = Setback(response, clock), run.pause(after: setback) else {
          return StorageAnswer(response: response, isAmbiguous: run.isAmbiguous)
        }
      } catch {
        guard let setback = Setback(error), run.pause(after: setback) else { throw error }
      }
    }
  }

  /// As ``call(_:)``, with the failure as the user reads it.
  func call(_ request: HTTPRequest, _ action: String) throws(RegistryError) -> StorageAnswer {
    do throws(HTTPFailure) { return try call(request) } catch { throw error.asRegistryError(action) }
  }

  func problem(_ response: HTTPResponse, _ action: String) -> RegistryError {
    ServiceProblem(response).asRegistryError(action, bucket: location.bucket, account: credentials.account)
  }

  func malformed(_ action: String, _ what: String) -> RegistryError {
    RegistryError(
      .remote, "can't \(action): \(what)",
      hint: "check the address of the store, and what is between it and here")
  }

  /// The JSON document of an answer.
  func document(_ response: HTTPResponse, _ action: String) throws(RegistryError) -> JSONValue {
    guard let json = try? JSONValue(parsing: response.body), json.asObject != nil else {
      throw malformed(action, "the answer is no JSON document")
    }
    return json
  }

  /// What an answer says of the object that it must be about.
  func info(
    _ json: JSONValue, of name: RelativePath, _ action: String
  ) throws(RegistryError) -> ObjectInfo {
    let fullName = location.objectName(name.text)
    let info = ObjectResource.parse(json) { $0.utf8.elementsEqual(fullName.utf8) ? name : nil }
    guard let info else { throw malformed(action, "the answer doesn't describe the object") }
    return info
  }

  /// `gs://BUCKET/PREFIX/NAME`.
  func label(_ name: RelativePath) -> String { "gs://\(location.bucket)/\(location.objectName(name.text))" }
}
