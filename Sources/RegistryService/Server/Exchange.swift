import Hummingbird
import RegistryModel
import Synchronization

/// What becomes known of a request while it is answered, for its log line and the metrics.
final class Exchange: Sendable {
  let id: String
  let path: String
  let method: String
  let startedAt: Timestamp
  let began = ContinuousClock.now
  private struct Known {
    var route = "none"
    var caller = Caller.stranger
    var isWelcome: @Sendable () -> Bool = { true }
  }

  private let known = Mutex(Known())

  init(_ request: Request, at now: Timestamp) {
    path = request.uri.path
    method = request.method.rawValue
    startedAt = now
    let given = request.headers[.requestID]
    id = given.flatMap { Self.isProper($0) ? $0 : nil } ?? RequestNumbers.next()
  }

  /// The route's path, with its places unfilled.
  var route: String {
    get { known.withLock(\.route) }
    set { known.withLock { $0.route = newValue } }
  }

  var caller: Caller {
    get { known.withLock(\.caller) }
    set { known.withLock { $0.caller = newValue } }
  }

  /// Whether the caller may still have what was allowed at the beginning, for answers that go on.
  var isWelcome: @Sendable () -> Bool {
    get { known.withLock(\.isWelcome) }
    set { known.withLock { $0.isWelcome = newValue } }
  }

  var seconds: Double { (ContinuousClock.now - began) / .seconds(1) }

  private static func isProper(_ text: String) -> Bool {
    1...64 ~= text.utf8.count
      && text.utf8.allSatisfy { byte in
        byte.isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
          || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
      }
  }
}
