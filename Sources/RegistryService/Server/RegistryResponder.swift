import Hummingbird
import Logging
import ModelRegistry
import NIOCore
import NIOHTTP1
import NIOPosix
import RegistryModel

/// Answers a request: who asks, may they, what do they send, the handler, and what went wrong as a problem document.
struct RegistryResponder: HTTPResponder {
  /// What a connection gives a request.
  struct Context: InitializableFromSource {
    typealias Source = ApplicationRequestContextSource
    let channel: any Channel
    init(source: ApplicationRequestContextSource) { channel = source.channel }
  }

  let core: ServiceCore
  let routes: RouteTable
  let gatekeeper: Gatekeeper
  let hostRule: HostRule
  let limits: ServiceLimits
  let threads: NIOThreadPool
  /// For what mustn't wait for anybody's long reading: going back, booting, confirming.
  let urgentThreads: NIOThreadPool
  let isControl: Bool
  let log: Logger

  func respond(to request: Request, context: Context) async throws -> Hummingbird.Response {
    let exchange = Exchange(request, at: core.now)
    let answer: APIResponse
    do {
      answer = try await self.answer(request, exchange, context)
    } catch {
      answer = try problem(error, context).answer(
        to: request.head, path: exchange.path, request: exchange.id)
    }
    return finish(answer, exchange, context)
  }

  private func answer(
    _ request: Request, _ exchange: Exchange, _ context: Context
  ) async throws -> APIResponse {
    if !isControl { try hostRule.check(request.head) }
    let (route, parameters) = try find(request, exchange)
    exchange.route = route.path.description
    let entrance = await Peer.entrance(of: context.channel, isControl: isControl)
    let (caller, session) = try gatekeeper.caller(request.head, entrance, at: exchange.startedAt)
    exchange.caller = caller
    try gatekeeper.check(caller, route.access)
    exchange.isWelcome = { [core, gatekeeper, head = request.head] in
      let known = try? gatekeeper.caller(head, entrance, at: core.now)
      return known?.0.may(route.access) ?? false
    }
    if route.body != .form { try Gatekeeper.requireOwnPage(session, request.method, request.headers) }
    let query = try Query(parsing: request.uri.query ?? "")
    try query.requireKnown(route.query)
    let body = try await BodyIntake(limits: limits, threads: threads, store: core.store)
      .take(route, request, context.channel)
    let asked = APIRequest(
      method: request.method, path: exchange.path, parameters: parameters, query: query,
      headers: request.headers, body: body, caller: caller, session: session, id: exchange.id)
    // Two looks at names that the kernel has in memory, and no more.
    if route.isQuick { return try route.handler(core, asked) }
    // Counted when it is here as a whole: whoever sends slowly keeps nobody else out.
    let counters = route.isUrgent ? core.urgent : core.counters
    guard counters.begin(atMost: limits.requests) else { throw TooMany() }
    defer { counters.end() }
    let threads = route.isUrgent ? urgentThreads : threads
    return try await threads.runIfActive { [core] in
      try asked.once(route, in: core) { try route.handler(core, asked) }
    }
  }

  private func find(_ request: Request, _ exchange: Exchange) throws -> (Route, [String: String]) {
    switch try routes.match(request.method, exchange.path) {
    case .route(let route, let parameters): return (route, parameters)
    case .method(let allowed): throw WrongMethod(allowed: allowed)
    case .nothing:
      throw RegistryError(
        .notFound, "there is nothing at \(exchange.path.quoted)", hint: "see /openapi.yaml")
    }
  }

  struct WrongMethod: Error { let allowed: [HTTPRequest.Method] }
  struct TooMany: Error {}

  /// - Throws: what ends the connection: a request that HTTP itself can't make sense of.
  private func problem(_ error: any Error, _ context: Context) throws -> Problem {
    switch error {
    case let error as RegistryError: return Problem(error)
    case let error as Denied: return error.problem
    case let error as WrongMethod:
      let names = error.allowed.map(\.rawValue).joined(separator: ", ")
      return Problem(
        .methodNotAllowed, .usage, "this takes \(names)", hint: "see /openapi.yaml", headers: [.allow: names])
    case is TooMany:
      return Problem(
        .serviceUnavailable, .busy, "too many requests are worked on", hint: "try again in a second",
        headers: [.retryAfter: "1"])
    case let error as BodyIntake.TooLarge:
      endSoon(context.channel)
      return Problem(
        .contentTooLarge, .usage, "the body has more than \(ByteCount(bytes: error.limit))",
        hint: "send less at once", headers: [.connection: "close"])
    case is BodyIntake.Unwanted:
      endSoon(context.channel)
      return Problem(
        .badRequest, .usage, "a body came where none is taken", hint: "leave it out",
        headers: [.connection: "close"])
    case is HTTPParserError: throw error
    default:
      log.error("request failed", metadata: ["error": "\(error)"])
      return Problem(
        RegistryError(.failed, "the request failed", hint: "see the service's log, or run `modelctl doctor`"))
    }
  }

  /// What else comes of the body is not waited for.
  private func endSoon(_ channel: any Channel) {
    channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
  }
}
