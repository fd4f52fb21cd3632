import RegistryModel

/// Switches of the storage that tests turn.
package struct StorageOptions: Sendable {
  /// The most changes of one object a second; nil is no limit. The service's is about 1.
  package var mutationsPerSecond: Double?
  /// Whether a list answers an empty page with a token before each page with entries.
  package var answersEmptyPages = false
  /// The most entries of a page, whatever the client asks for.
  package var pageEntryLimit = 1000
  /// The most bytes that one call of rewrite copies; nil copies all at once.
  package var rewriteBytesPerCall: Int64?
  /// Whether objects get an MD5 as the service's do; without, long uploads of a benchmark take less of the processor.
  package var keepsMD5 = true
  /// Where large bodies are kept.
  package var spool = Spool.memory

  package init() {}
}

/// A request and what surrounds it.
struct Call {
  let request: Request
  let nowMicroseconds: Int64
  var baseURL: String { request.baseURL }
  var query: Query { request.query }
}

/// Buckets, objects and upload sessions, and the API upon them, without any I/O but spooled bytes.
struct Storage {
  var options: StorageOptions
  var buckets: [String: Bucket] = [:]
  var sessions: [String: UploadSession] = [:]
  var rewrites: [String: RewriteProgress] = [:]
  private var lastMutations: [ObjectLocation: Int64] = [:]
  private var lastGeneration: Int64 = 0
  private var issuedIDs: UInt64 = 0

  init(options: StorageOptions) { self.options = options }

  mutating func handle(_ request: Request, nowMicroseconds: Int64) -> Reply {
    let call = Call(request: request, nowMicroseconds: nowMicroseconds)
    var reply: Reply
    do throws(APIError) {
      guard let operation = try Operation(request) else {
        return .text(404, "Not Found", type: "text/html; charset=UTF-8")
      }
      try operation.checkParameters(request.query)
      reply = try perform(operation, call)
    } catch {
      reply = error.reply(asMedia: request.wantsMedia)
    }
    if reply.headers["X-GUploader-UploadID"] == nil { reply.headers.add("X-GUploader-UploadID", newID()) }
    if reply.headers["Cache-Control"] == nil {
      reply.headers.add("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate")
    }
    reply.headers.add("Vary", "Origin")
    reply.headers.add("Vary", "X-Origin")
    reply.headers.add("Server", "UploadServer")
    return reply
  }

  private mutating func perform(_ operation: Operation, _ call: Call) throws(APIError) -> Reply {
    // A body that broke changes nothing but an upload session, which keeps what arrived.
    guard call.request.isBodyComplete || operation.keepsBrokenBody else {
      throw .invalid("The request's body ended early.")
    }
    switch operation {
    case .listBuckets: return listBuckets(call)
    case .insertBucket: return try insertBucket(call)
    case .getBucket(let name): return .json(200, try bucket(name).resource(call.baseURL))
    case .deleteBucket(let name): return try deleteBucket(name)
    case .bucketLayout(let name): return try bucketLayout(name)
    case .listNotifications(let bucket): return try listNotifications(bucket)
    case .insertNotification(let bucket): return try insertNotification(bucket, call)
    case .getNotification(let bucket, let id): return .json(200, try notification(bucket, id))
    case .deleteNotification(let bucket, let id): return try deleteNotification(bucket, id)
    case .list(let bucket): return try list(bucket, call)
    case .get(let location): return try get(location, call)
    case .media(let location): return try media(location, call)
    case .delete(let location): return try delete(location, call)
    case .patch(let location): return try patch(location, call, replaces: false)
    case .update(let location): return try patch(location, call, replaces: true)
    case .insertMedia(let bucket): return try insertMedia(bucket, call)
    case .insertMultipart(let bucket): return try insertMultipart(bucket, call)
    case .startSession(let bucket): return try startSession(bucket, call)
    case .putSession(let bucket, let id): return try putSession(bucket, id, call)
    case .deleteSession(let bucket, let id): return try deleteSession(bucket, id, call)
    case .compose(let location): return try compose(location, call)
    case .copy(let source, let destination): return try copy(source, destination, call)
    case .rewrite(let source, let destination): return try rewrite(source, destination, call)
    case .move(let source, let destination): return try move(source, destination, call)
    }
  }

  func bucket(_ name: String) throws(APIError) -> Bucket {
    guard let bucket = buckets[name] else { throw .noBucket }
    return bucket
  }

  /// The live object, of the generation that the query pins where it does.
  func object(_ location: ObjectLocation, generation: Int64? = nil) throws(APIError) -> StoredObject {
    guard let object = try bucket(location.bucket)[location.name],
      generation == nil || generation == object.generation
    else { throw .noObject(location.bucket, location.name) }
    return object
  }

  /// Generations are microseconds, and grow even where the clock doesn't.
  mutating func newGeneration(_ call: Call) -> Int64 {
    lastGeneration = max(lastGeneration + 1, call.nowMicroseconds)
    return lastGeneration
  }

  mutating func newID() -> String {
    issuedIDs += 1
    let random = UInt64.random(in: .min ... .max)
    return Base64.encodeURL("\(issuedIDs)-\(random)".utf8)
  }

  /// Refuses a change of an object that is held or was changed too recently; a change that passes is remembered.
  mutating func admitChange(_ location: ObjectLocation, _ call: Call, honoursHold: Bool = true)
    throws(APIError)
  {
    if honoursHold, let hold = buckets[location.bucket]?[location.name]?.attributes.hold {
      throw .held(location.bucket, location.name, hold)
    }
    guard let limit = options.mutationsPerSecond else { return }
    if let last = lastMutations[location], Double(call.nowMicroseconds - last) < 1_000_000 / limit {
      throw .rateLimited(location.bucket, location.name)
    }
    lastMutations[location] = call.nowMicroseconds
  }

  /// Runs what reads or writes spooled bytes: a failure is the service's.
  static func spooling<Value>(_ body: () throws -> Value) throws(APIError) -> Value {
    do { return try body() } catch { throw .backend }
  }

  static func json(_ body: ByteStore) throws(APIError) -> JSONValue {
    guard body.count > 0 else { return .object([:]) }
    guard body.count <= 1 << 20, let bytes = try? body.bytes(in: 0..<body.count),
      let value = try? JSONValue(parsing: bytes)
    else { throw APIError(status: 400, reason: "parseError", message: "Parse Error") }
    return value
  }
}

extension Operation {
  fileprivate var keepsBrokenBody: Bool {
    if case .putSession = self { true } else { false }
  }
}
