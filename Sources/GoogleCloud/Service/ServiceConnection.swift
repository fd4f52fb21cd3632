import RegistryModel

/// How one of Google's services is asked: by whom, and how patiently.
struct ServiceConnection: Sendable {
  /// For messages: `Firestore`.
  let service: String
  let http: HTTPClient
  let credentials: Credentials
  /// What a server on this machine wants to be told instead of a token.
  var fixedToken: String?
  let retry: RetryPolicy
  let clock: RequestClock

  func attempt(_ request: HTTPRequest) throws(HTTPFailure) -> HTTPResponse {
    if let fixedToken { return try http.perform(request.authorized(fixedToken)) }
    return try http.perform(request, as: credentials)
  }

  var run: RetryRun { RetryRun(retry, clock) }

  func setback(_ response: HTTPResponse) -> Setback? { Setback(rpc: response, clock) }

  /// Tries a request until there is an answer that a further try wouldn't change, or time is up.
  ///
  /// For requests only that may be carried out twice.
  func call(_ request: HTTPRequest, _ action: String) throws(RegistryError) -> HTTPResponse {
    var run = run
    while true {
      do {
        let response = try attempt(request)
        guard let setback = setback(response), run.pause(after: setback) else { return response }
      } catch {
        guard let setback = Setback(error), run.pause(after: setback) else {
          throw error.asRegistryError(action)
        }
      }
    }
  }

  /// The JSON document of an answer.
  ///
  /// - Throws: `remote` where it isn't the service's; `integrity` where it says that it is JSON and can't be read.
  func document(_ response: HTTPResponse, _ action: String) throws(RegistryError) -> JSONValue {
    guard response.mediaType == "application/json" else {
      throw malformed(action, "the answer is no JSON document")
    }
    do { return try JSONValue(parsing: response.body, limits: Self.limits) } catch {
      throw RegistryError(
        .integrity, "can't \(action): what \(service) has can't be read: \(error.message)",
        hint: "correct the document, or have its author correct it")
    }
  }

  /// Values of Firestore take three levels for each of their own, of which there are 20 at most.
  private static let limits = JSONLimits(
    maximumBytes: 64 << 20, maximumDepth: 128, maximumValues: JSONLimits.standard.maximumValues)

  func malformed(_ action: String, _ what: String) -> RegistryError {
    RegistryError(
      .remote, "can't \(action): \(what)",
      hint: "check the address of \(service), and what is between it and here")
  }
}

extension Setback {
  /// What an answer of Google's RPC services means: also 409 ABORTED, which gave way to somebody else's transaction.
  init?(rpc response: HTTPResponse, _ clock: RequestClock) {
    if response.status == 409, ServiceProblem(response).reason == "ABORTED" {
      self = .aborted
    } else {
      self.init(response, clock)
    }
  }
}

extension RegistryError {
  /// The same, of a change that may have been made although no answer says so.
  var withUnknownEffect: RegistryError {
    RegistryError(code, message, unchanged: "it isn't known whether the change was made", hint: hint)
  }
}
