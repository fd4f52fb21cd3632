import HTTPTypes
import RegistryModel

extension Problem {
  /// The answer that says what went wrong: a page where a browser asked for one, else the document.
  ///
  /// Who isn't known is sent to sign in first, where that leads back to what was asked for.
  func answer(to head: HTTPRequest, path: String, request id: String) -> APIResponse {
    guard Self.wantsPage(head, path) else { return response(instance: path, request: id) }
    if status == .unauthorized, head.method == .get || head.method == .head {
      return .seeOther(PagePath.with("/login", ["next": LocalPath(head.path)?.text]))
    }
    let page = ProblemPage(self, back: Self.origin(head) ?? .root, requestID: id)
    guard var answer = try? PageAnswer.html("problem", page, status) else {
      return response(instance: path, request: id)
    }
    for field in headers { answer.headers[field.name] = field.value }
    return answer
  }

  /// Browsers accept `text/html` when they navigate. What machines ask for is answered as machines read it.
  private static func wantsPage(_ head: HTTPRequest, _ path: String) -> Bool {
    let machines = ["/api", "/healthz", "/readyz", "/metrics", "/openapi.yaml"]
    guard !machines.contains(path), !path.hasPrefix("/api/") else { return false }
    return head.headerFields[.accept]?.contains("text/html") ?? false
  }

  /// The page of ours that the request came from.
  private static func origin(_ head: HTTPRequest) -> LocalPath? {
    guard let text = head.headerFields[.referer], let authority = head.authority else { return nil }
    for scheme in ["http", "https"] {
      guard let path = text.afterPrefix("\(scheme)://\(authority)/") else { continue }
      return LocalPath("/\(path)")
    }
    return nil
  }
}
