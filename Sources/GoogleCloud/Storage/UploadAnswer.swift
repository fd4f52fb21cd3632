import RegistryModel

/// What the store says of an upload session.
package enum UploadAnswer: Hashable, Sendable {
  /// The object is made; the answer describes it.
  case finished
  /// It has so many bytes, and waits for more.
  case stored(Int64)
  /// The name is taken: the precondition failed, which may show at the end only.
  case existed
  /// The session is unknown, over, or was cancelled.
  case gone
  /// Nothing about the session: trouble, or a refusal.
  case other
  case malformed

  package init(_ response: HTTPResponse) {
    switch response.status {
    case 308: self = Self.stored(response.headers["Range"])
    // The stand-in for 308 where something on the way would take that for a redirect.
    case 200 where response.headers["X-HTTP-Status-Code-Override"] == "308":
      self = Self.stored(response.headers["Range"])
    case 200, 201: self = .finished
    case 412: self = .existed
    case 404, 410, 499: self = .gone
    default: self = .other
    }
  }

  /// `bytes=0-262143`; without the header, nothing is stored.
  private static func stored(_ range: String?) -> UploadAnswer {
    guard let range else { return .stored(0) }
    guard let last = range.afterPrefix("bytes=0-"), 1...18 ~= last.utf8.count,
      last.utf8.allSatisfy(\.isASCIIDigit), let number = Int64(last)
    else { return .malformed }
    return .stored(number + 1)
  }
}
