import GoogleCloud
import RegistryModel
import Synchronization

/// What a store keeps of one object that is uploaded in sessions; the faults are the tests'.
final class SessionServer: Sendable {
  struct State {
    var sessions = 0
    var stored: [UInt8] = []
    var isFinal = false
  }
  let state = Mutex(State())
  let name: String

  init(_ name: String) { self.name = name }

  var stored: [UInt8] { state.withLock { $0.stored } }
  var sessions: Int { state.withLock { $0.sessions } }

  /// Answers a start, a chunk or a query as the store does.
  func answer(
    _ request: ScriptedServer.Request, _ exchange: Exchange, keep: Int = .max, hasHash: Bool = true
  ) {
    if request.method == "POST" {
      let number = state.withLock { (state) -> Int in
        state.stored = []
        state.sessions += 1
        return state.sessions
      }
      let host = request.headers["host"] ?? ""
      let query = "uploadType=resumable&upload_id=s3cret\(number)"
      return exchange.reply(200, [("Location", "http://\(host)/upload/storage/v1/b/models/o?\(query)")])
    }
    let range = request.headers["content-range"]?.dropFirst("bytes ".count).split(separator: "/") ?? []
    let total = Int(range.last ?? "") ?? -1
    let (isFinal, stored) = state.withLock { (state) -> (Bool, [UInt8]) in
      if range.first != "*", let first = range.first?.split(separator: "-").first.flatMap({ Int($0) }) {
        let fresh = request.body.dropFirst(max(0, state.stored.count - first))
        if first <= state.stored.count { state.stored += fresh.prefix(keep) }
      }
      state.isFinal = state.isFinal || state.stored.count == total
      return (state.isFinal, state.stored)
    }
    if isFinal { return exchange.reply(200, json: resource(name, stored)) }
    var headers: [(String, String)] = []
    if !stored.isEmpty { headers.append(("Range", "bytes=0-\(stored.count - 1)")) }
    if !stored.isEmpty, hasHash {
      headers.append(("X-Goog-Running-Hash", "crc32c=\(ObjectChecksum.text(CRC32C.of(stored)))"))
    }
    exchange.reply(308, headers)
  }
}
