import Synchronization

/// Everything that the simulator answers, without a connection.
package final class Cloud: Sendable {
  package let storage: StorageState
  package let issuer: TokenIssuer
  package let firestore: FirestoreState
  package let vertex: VertexState
  private let metadataServer: MetadataServer
  private let requiresTokenNow: Mutex<Bool>

  package init(
    buckets: [String] = [], options: StorageOptions = StorageOptions(), requiresToken: Bool = false,
    project: String = "simulated", clock: SimulatedClock = .system
  ) {
    storage = StorageState(buckets: buckets, options: options, clock: clock)
    issuer = TokenIssuer(clock: clock)
    firestore = FirestoreState(clock: clock)
    vertex = VertexState(clock: clock)
    metadataServer = MetadataServer(issuer: issuer, project: project)
    requiresTokenNow = Mutex(requiresToken)
  }

  /// Whether services answer 401 without a good token. An upload session's address is a secret that is enough.
  package var requiresToken: Bool {
    get { requiresTokenNow.withLock { $0 } }
    set { requiresTokenNow.withLock { $0 = newValue } }
  }

  package func handle(_ request: Request, kind: RequestKind? = nil) -> Reply {
    var reply = answer(request, kind ?? RequestKind(request))
    reply.headers.add("Date", DateText.http(storage.now))
    return reply
  }

  private func answer(_ request: Request, _ kind: RequestKind) -> Reply {
    switch kind {
    case .token: return issuer.handle(request)
    case .metadataServer: return metadataServer.handle(request)
    case .putChunk, .sessionStatus, .deleteSession: return storage.handle(request)
    default:
      let isAdmitted = !requiresToken || issuer.admits(request.headers["Authorization"])
      if let call = FirestoreCall(request) {
        return isAdmitted
          ? firestore.handle(call, request) : RPCError.unauthenticated.reply(isStreamed: call.isStreamed)
      }
      if let call = VertexCall(request) {
        return isAdmitted ? vertex.handle(call, request) : RPCError.unauthenticated.reply()
      }
      guard isAdmitted else {
        return Self.unauthorized.reply(asMedia: request.wantsMedia)
      }
      return storage.handle(request)
    }
  }

  private static let unauthorized = APIError(
    status: 401, reason: "authError", message: "Invalid Credentials", location: ["header", "Authorization"],
    headers: ["WWW-Authenticate": "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\""])
}
