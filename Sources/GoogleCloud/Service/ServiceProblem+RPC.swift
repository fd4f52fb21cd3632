import RegistryModel

/// What to tell about a service's refusals.
struct ServiceAdvice {
  /// For messages: `Firestore`.
  let service: String
  /// For 403: which role is needed, and where.
  let forbidden: String
  /// For 404.
  let missing: String
  /// For 400.
  let invalid: String
  /// For 429: which limit this may be.
  let limited: String
}

extension ServiceProblem {
  /// As the user reads it.
  ///
  /// - Parameters:
  ///   - action: what was tried, such as `read the job job_1`.
  ///   - account: whose credentials were used.
  func asRegistryError(_ action: String, account: String, _ advice: ServiceAdvice) -> RegistryError {
    let said = "can't \(action): \(advice.service) answered \(text)"
    switch status {
    case 400: return RegistryError(.refused, said, hint: advice.invalid)
    case 401:
      return RegistryError(
        .permission, said, hint: "the credentials of \(account) aren't accepted; check or renew them")
    case 403:
      return RegistryError(.permission, said, hint: "give \(account) \(advice.forbidden)")
    case 404 where isDocument: return RegistryError(.notFound, said, hint: advice.missing)
    case 409 where reason == "ABORTED":
      return RegistryError(.remote, said, hint: "others change the same document at once; run it again")
    case 429: return RegistryError(.remote, said, hint: advice.limited)
    case let status where RetryPolicy.retryable.contains(status):
      return RegistryError(.remote, said, hint: "the service has trouble; run it again later")
    default:
      return RegistryError(
        .remote, said, hint: "check the address of \(advice.service), and what is between it and here")
    }
  }
}
