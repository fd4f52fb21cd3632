import RegistryModel

/// Asks a token endpoint (RFC 6749 §5) for an access token.
struct TokenExchange: Sendable {
  let http: HTTPClient
  let retry: RetryPolicy
  let clock: RequestClock

  /// Sends a form and reads the token.
  ///
  /// - Parameters:
  ///   - account: for messages.
  ///   - hint: what to do when the endpoint refuses.
  func token(
    from address: HTTPAddress, form: [(String, String)], account: String, hint: String
  ) throws(RegistryError) -> AccessToken {
    var request = HTTPRequest(.post, address)
    request.headers.set("Content-Type", "application/x-www-form-urlencoded")
    request.body = .bytes(Array(PercentEncoding.encode(fields: form).utf8))
    let action = "get an access token for \(account)"
    let response: HTTPResponse
    do { response = try http.performRetrying(request, retry, clock) } catch {
      throw error.asRegistryError(action)
    }
    guard response.isSuccess else { throw refusal(response, address, action, hint) }
    return try token(in: response, action)
  }

  /// The token of an answer: `access_token` and `expires_in` seconds.
  func token(in response: HTTPResponse, _ action: String) throws(RegistryError) -> AccessToken {
    guard let json = try? JSONValue(parsing: response.body),
      let value = json["access_token"]?.asString, !value.isEmpty,
      value.utf8.allSatisfy({ 0x21...0x7e ~= $0 }),
      let seconds = json["expires_in"]?.asInt, 0...86_400 ~= seconds
    else {
      throw RegistryError(
        .remote, "can't \(action): the answer holds no token", hint: "check the token endpoint's address")
    }
    let now = clock.date().milliseconds
    return AccessToken(value: value, expiresAt: Timestamp(milliseconds: now + seconds * 1000))
  }

  private func refusal(
    _ response: HTTPResponse, _ address: HTTPAddress, _ action: String, _ hint: String
  ) -> RegistryError {
    let json = try? JSONValue(parsing: response.body)
    let reason = [json?["error"]?.asString, json?["error_description"]?.asString].compactMap { $0 }
    let detail = reason.isEmpty ? "" : ": \(Redaction.clean(reason.joined(separator: ": ")))"
    let isRefused = 400...499 ~= response.status && !RetryPolicy.retryable.contains(response.status)
    return RegistryError(
      isRefused ? .permission : .remote,
      "can't \(action): \(address.host) answered \(response.status)\(detail)",
      hint: isRefused ? hint : "try again later")
  }
}
