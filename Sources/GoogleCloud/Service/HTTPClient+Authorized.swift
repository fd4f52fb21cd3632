import RegistryModel

extension HTTPClient {
  /// One try with a token, and at once another with a new one where the first is refused.
  func perform(
    _ request: HTTPRequest, as credentials: Credentials,
    accept: (HTTPResponse) throws -> Bool = { _ in false },
    into sink: (UnsafeRawBufferPointer) throws -> Void = { _ in }
  ) throws(HTTPFailure) -> HTTPResponse {
    guard let token = try credentials.forRequest() else {
      return try perform(request, accept: accept, into: sink)
    }
    let response = try perform(request.authorized(token.value), accept: accept, into: sink)
    guard response.status == 401 else { return response }
    credentials.refuse(token)
    guard let token = try credentials.forRequest() else { return response }
    return try perform(request.authorized(token.value), accept: accept, into: sink)
  }
}

extension Credentials {
  fileprivate func forRequest() throws(HTTPFailure) -> AccessToken? {
    do throws(RegistryError) { return try token() } catch { throw .local(error) }
  }
}

extension HTTPRequest {
  /// With a token, which is a secret.
  func authorized(_ token: String) -> HTTPRequest {
    var request = self
    request.headers.set("Authorization", "Bearer \(token)")
    return request
  }

  /// Asks with a JSON document.
  static func post(_ address: HTTPAddress, _ json: JSONValue) -> HTTPRequest {
    var request = HTTPRequest(.post, address, body: .bytes(json.canonicalBytes))
    request.headers.set("Content-Type", "application/json")
    return request
  }
}
