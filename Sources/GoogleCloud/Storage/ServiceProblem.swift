package import RegistryModel

/// Why the service refused, out of an answer's body.
///
/// Reads JSON where the answer says that it is JSON, and text else: reads of bytes answer with pages.
package struct ServiceProblem: Sendable {
  package let status: Int
  /// Such as `conditionNotMet`.
  package let reason: String?
  /// In the service's words, without secrets.
  package let message: String?
  /// Whether the service itself answered, in its own format: not a gateway on the way.
  package let isDocument: Bool

  package init(_ response: HTTPResponse) {
    status = response.status
    var reason: String?
    var message: String?
    var isDocument = false
    switch response.mediaType {
    case "application/json":
      let json = try? JSONValue(parsing: response.body)
      // A call whose answer is an array has its error in one too.
      let error = json?["error"] ?? json?.asArray?.first?["error"]
      isDocument = error != nil
      message = error?["message"]?.asString ?? error?.asString
      reason = error?["errors"]?.asArray?.first?["reason"]?.asString ?? error?["status"]?.asString
    case let type? where type.hasPrefix("text/"):
      message = Self.text(String(decoding: response.body.prefix(16 << 10), as: UTF8.self))
    default: break
    }
    self.reason = reason.map(Redaction.clean)
    self.message = message.map(Redaction.clean).flatMap { $0.isEmpty ? nil : $0 }
    self.isDocument = isDocument
  }

  package var isBucketMissing: Bool {
    status == 404 && message?.lowercased().contains("bucket does not exist") == true
  }

  package var isWrongChecksum: Bool { status == 400 && message?.contains("match calculated") == true }

  /// `503 (backendError: try again)`.
  package var text: String {
    let details = [reason, message].compactMap { $0 }.joined(separator: ": ")
    return details.isEmpty ? "\(status)" : "\(status) (\(details))"
  }

  /// A page without its tags.
  private static func text(_ page: String) -> String {
    var text = ""
    var isTag = false
    for character in page {
      switch character {
      case "<": isTag = true
      case ">":
        isTag = false
        text += " "
      default: if !isTag { text.append(character) }
      }
    }
    return text
  }
}

extension ServiceProblem {
  /// As the user reads it.
  ///
  /// - Parameters:
  ///   - action: what was tried, such as `read gs://bucket/name`.
  ///   - account: whose credentials were used.
  package func asRegistryError(_ action: String, bucket: String, account: String) -> RegistryError {
    let said = "can't \(action): the store answered \(text)"
    switch status {
    case 401:
      return RegistryError(
        .permission, said, hint: "the credentials of \(account) aren't accepted; check or renew them")
    case 403:
      return RegistryError(
        .permission, said, hint: "give \(account) the role Storage Object User on gs://\(bucket)")
    case 404:
      return RegistryError(.notFound, said, hint: "check that the bucket \(bucket) is there")
    case 400 where isWrongChecksum:
      return RegistryError(
        .integrity, said,
        hint: "the bytes were damaged on the way, or changed while they were read; run it again")
    case let status where RetryPolicy.retryable.contains(status):
      return RegistryError(
        .remote, said, hint: "the service has trouble or limits the rate; run it again later")
    default:
      return RegistryError(
        .remote, said, hint: "check the address of the store, and what is between it and here")
    }
  }
}
