import HTTPTypes
import ModelRegistry
import RegistryModel

extension APIRequest {
  /// Answers with `answer`, or with what the same request was answered before where it has an `Idempotency-Key`.
  func once(
    _ route: Route, in core: ServiceCore, _ answer: () throws -> APIResponse
  ) throws -> APIResponse {
    guard route.keepsAnswer, let text = headers[.idempotencyKey] else { return try answer() }
    return try core.replies.once(Replies.Key(caller, text), digest(), answer)
  }

  /// Of all that is asked.
  private func digest() throws -> Digest {
    var bytes = Array("\(method.rawValue) \(path)?\(query.text)\n".utf8)
    switch body {
    case .none: break
    case .bytes(let body): bytes += body
    case .file(let archive): bytes += Array("\(try archive.digest())".utf8)
    }
    return try Digest.sha256(of: bytes)
  }
}
