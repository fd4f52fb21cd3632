import HTTPTypes
import ModelRegistry
import RegistryModel
import Synchronization
import TestSupport

@testable import RegistryService

/// The service's core over a store of a test, asked without a network.
struct ServedPages {
  let fixture: StoreFixture
  let core: ServiceCore
  let training = NoTraining()
  let session: Sessions.Session?
  private let caller: Caller

  /// - Parameter scopes: what the token may that one is signed in with; empty: there is none.
  init(
    _ fixture: StoreFixture, _ scopes: Set<TokenScope> = [.admin],
    _ configuration: Configuration = Configuration()
  ) throws {
    self.fixture = fixture
    core = try ServiceCore(
      store: StoreAccess(root: fixture.root, settings: fixture.options(configuration)), training: training,
      policy: ServicePolicy())
    guard !scopes.isEmpty else {
      (session, caller) = (nil, .local)
      return
    }
    let token = try fixture.open().createToken(TokenName(parsing: "anna"), scopes: scopes)
    let session = try core.signIn(token.secret)
    self.session = session
    caller = Caller(.session(token: "anna"), scopes: scopes)
  }

  struct Answer {
    let response: APIResponse
    var status: Int { response.status.code }
    var location: String? { response.headers[.location] }

    var text: String {
      if case .bytes(let bytes, _) = response.body { String(decoding: bytes, as: UTF8.self) } else { "" }
    }
  }

  /// - Parameter form: what a form sends beside the anti-forgery token; nil: a GET.
  func ask(_ target: String, form: KeyValuePairs<String, String>? = nil, seal: String? = nil) throws -> Answer
  {
    let parts = target.split(separator: "?", maxSplits: 1)
    let path = String(parts[0])
    let method: HTTPRequest.Method = form == nil ? .get : .post
    guard case .route(let route, let parameters) = try RouteTable.service.match(method, path) else {
      throw RegistryError(.notFound, "no route for \(path)", hint: "see the test")
    }
    guard caller.may(route.access) else { throw Denied.scope(route.access, caller) }
    let query = try Query(parsing: parts.count > 1 ? String(parts[1]) : "")
    try query.requireKnown(route.query)
    var headers = HTTPFields()
    var body = RequestBody.none
    if let form {
      headers[.contentType] = "application/x-www-form-urlencoded"
      let fields =
        form.map { ($0.key, $0.value) } + [(Form.antiForgery, seal ?? session?.antiForgery ?? "")]
      body = .bytes(
        Array(
          fields.map { "\($0.0)=\(PercentCoding.encode($0.1))" }.joined(separator: "&").utf8))
    }
    let request = APIRequest(
      method: method, path: path, parameters: parameters, query: query, headers: headers, body: body,
      caller: caller, session: session, id: "test")
    return Answer(response: try route.handler(core, request))
  }
}

/// Training that isn't there: a network that is down. It notes what it was asked for.
final class NoTraining: TrainingDesk {
  private let noted = Mutex<[String]>([])

  var asked: [String] { noted.withLock(\.self) }

  private func down(_ asked: String) -> RegistryError {
    noted.withLock { $0.append(asked) }
    return RegistryError(.remote, "the jobs can't be reached", hint: "try again")
  }

  func upload(
    as caller: String, again: Bool, progress: @escaping @Sendable (Int64, Int64) throws -> Void
  ) throws -> JSONValue { throw down("upload") }
  func trigger(_ order: TrainingOrder, as caller: String) throws -> JSONValue { throw down("trigger") }
  func status(_ id: JobID) throws -> JSONValue { throw down("status") }
  func jobs(_ query: JobQuery) throws -> JSONValue { throw down("jobs") }
  func cancel(_ id: JobID, reason: String?, as caller: String) throws -> JSONValue { throw down("cancel") }
  func download(
    _ id: JobID, activates: Bool?, as caller: String,
    progress: @escaping @Sendable (Int64, Int64) throws -> Void
  ) throws -> JSONValue { throw down("download") }
  func decision() throws -> JSONValue { throw down("decision") }
  func automate(as caller: String) throws -> JSONValue { throw down("automate") }
  var settings: JSONValue { ["adapter": "robot_001", "backend": "local", "auto": false] }
}
