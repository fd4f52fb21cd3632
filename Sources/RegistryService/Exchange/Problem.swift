package import HTTPTypes
package import RegistryModel

/// What went wrong with a request, as a document of RFC 9457.
///
/// Beside the members of the RFC, `code` is the command line's (docs/cli.md), `unchanged` says what is unchanged, and `hint`
/// what to do.
package struct Problem: Sendable {
  package let status: HTTPResponse.Status
  package let code: String
  package let title: String
  package let detail: String
  package let unchanged: String
  package let hint: String
  package var headers = HTTPFields()

  package init(_ error: RegistryError) {
    status = Self.status(of: error.code)
    code = error.code.rawValue
    title = Self.title(of: error.code)
    detail = error.message
    unchanged = error.unchanged
    hint = error.hint
    if error.code == .busy { headers[.retryAfter] = "1" }
  }

  /// What HTTP itself refuses, under the code of the nearest kind.
  package init(
    _ status: HTTPResponse.Status, _ code: RegistryError.Code, _ detail: String, hint: String,
    headers: HTTPFields = HTTPFields()
  ) {
    self.status = status
    self.code = code.rawValue
    title = status.reasonPhrase
    self.detail = detail
    unchanged = "nothing was changed"
    self.hint = hint
    self.headers = headers
  }

  /// The HTTP status; every kind of error has one.
  package static func status(of code: RegistryError.Code) -> HTTPResponse.Status {
    switch code {
    case .usage: .badRequest
    case .permission: .forbidden
    case .notFound: .notFound
    case .refused, .cancelled: .conflict
    case .integrity: .unprocessableContent
    case .failed: .internalServerError
    case .remote: .badGateway
    case .busy: .serviceUnavailable
    case .noSpace: HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
    }
  }

  private static func title(of code: RegistryError.Code) -> String {
    switch code {
    case .usage: "The request is malformed"
    case .permission: "Not permitted"
    case .notFound: "Not found"
    case .refused: "Refused"
    case .cancelled: "Cancelled"
    case .integrity: "Bytes or a document are wrong"
    case .failed: "Failed"
    case .remote: "The remote can't be reached"
    case .busy: "Busy"
    case .noSpace: "No space left"
    }
  }

  package func document(instance: String, request: String) -> JSONValue {
    [
      "type": .string("urn:modelregistry:problem:\(code)"), "title": .string(title),
      "status": .integer(status.code), "detail": .string(detail.printable), "code": .string(code),
      "unchanged": .string(unchanged.printable), "hint": .string(hint.printable),
      "instance": .string(instance), "request_id": .string(request),
    ]
  }

  package func response(instance: String, request: String) -> APIResponse {
    APIResponse(
      status, headers: headers,
      body: .bytes(
        Array(document(instance: instance, request: request).canonicalText.utf8),
        type: "application/problem+json"))
  }
}
