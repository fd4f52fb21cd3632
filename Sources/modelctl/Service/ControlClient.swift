import Foundation
import GoogleCloud
import ModelRegistry
import RegistryModel
import RegistryService

/// Has the service do what only the store's owner may: the robot's runtime, another user, boots and confirms this way.
struct ControlClient {
  private let socket: String

  /// Nil for the store's owner and for root, who need nobody, and where no control socket is.
  init?(_ session: Session) {
    var status = stat()
    guard geteuid() != 0, stat(session.root, &status) == 0, status.st_uid != geteuid() else { return nil }
    socket = session.service.socket ?? "\(session.root)/control.sock"
    guard stat(socket, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
  }

  /// What `POST /api/VERB` answers.
  ///
  /// - Parameter fields: the body's; what is null is left out.
  /// - Throws: what the service answered; `permission` where the socket doesn't let this user in; `busy` where nobody
  ///   listens; `failed` where the answer was lost.
  func post(_ verb: String, _ fields: [String: JSONValue]) throws(RegistryError) -> JSONValue {
    if let answer = try ask(verb, fields) { return answer }
    throw RegistryError(
      .busy, "nobody answers at the control socket \(socket)",
      hint: "start the service: `systemctl start modelctl`, or run as the store's owner")
  }

  /// As ``post(_:_:)``; nil where nobody listens.
  func ask(_ verb: String, _ fields: [String: JSONValue]) throws(RegistryError) -> JSONValue? {
    let body = JSONValue.object(fields.filter { !$0.value.isNull })
    var request = HTTPRequest(
      .post, try HTTPAddress(parsing: "http://localhost/api/\(verb)"),
      headers: ["Content-Type": "application/json"], body: .bytes(body.canonicalBytes))
    request.isLocal = true
    request.socketPath = socket
    let client = HTTPClient(try HTTPConfiguration())
    let response: HTTPResponse
    do throws(HTTPFailure) {
      response = try client.perform(request)
    } catch {
      guard case .transport(let failure) = error, failure.isUnreachable else {
        throw RegistryError(
          .failed, "the service at \(socket) didn't answer to the end",
          unchanged: "nobody knows whether it was done",
          hint: "look at `modelctl active` and `modelctl history` before you ask again")
      }
      guard access(socket, W_OK) != 0 else { return nil }
      throw RegistryError(
        .permission, "the control socket \(socket) doesn't let \(Account.name(of: geteuid())) in",
        hint: "add the user to its group (serve.socket_group), or run as the store's owner")
    }
    let document = try JSONValue(parsing: response.body)
    guard response.isSuccess else { throw Self.error(document) }
    return document
  }

  /// A problem document as the error that it was made of.
  private static func error(_ document: JSONValue) -> RegistryError {
    let code = document["code"]?.asString.flatMap(RegistryError.Code.init) ?? .failed
    return RegistryError(
      code, document["detail"]?.asString ?? "the service failed",
      unchanged: document["unchanged"]?.asString ?? "nothing is known of what was changed",
      hint: document["hint"]?.asString ?? "see the service's log")
  }
}

extension JSONValue {
  /// What the field `warnings` has.
  var warnings: [String] { self["warnings"]?.asArray?.compactMap(\.asString) ?? [] }

  /// The number in the field `generation`, for those who print nothing else.
  var generation: String { self["generation"].map(\.canonicalText) ?? "" }
}

extension Sentence {
  /// As ``state(_:)``, of what the service answered.
  static func state(_ answer: JSONValue) -> String {
    let versions = answer["set"]?.asObject.map { set in
      let names = set.values.compactMap { $0["version"]?.asString }.sorted()
      return ": " + (names.isEmpty ? "no adapters" : names.joined(separator: ", "))
    }
    let what = "generation \(answer.generation) is active\(versions ?? "")"
    guard answer["state"]?.asString == "trial", let left = answer["attempts_left"]?.asInt else {
      return "\(what); confirmed"
    }
    if let fallback = answer.asObject?["fallback"], fallback.isNull {
      return "\(what); on trial: confirm it, there is nothing to revert to"
    }
    return "\(what); on trial: confirm it, or it reverts after \(count(left, "boot"))"
  }
}
