import Synchronization

/// A request as the simulator saw it.
package struct RequestRecord: Hashable, Sendable {
  package let kind: RequestKind
  package let method: String
  /// The path and query as they were sent.
  package let target: String
  package let range: String?
  package let contentRange: String?
  package let userAgent: String?
  package let connection: Int
  package let fault: Fault.Action?
  /// Nil until there is an answer, and for ever where none is sent.
  package var status: Int?
  /// Bytes of the bodies alone.
  package var receivedBytes: Int64 = 0
  package var sentBytes: Int64 = 0
  /// Whether the connection broke while the answer was sent.
  package var isBroken = false
}

/// Every request, in the order in which their heads came.
///
/// A request is in the log before its answer's first byte is sent, so a client that has its answer finds it there.
final class RequestLog: Sendable {
  private let records = Mutex<[RequestRecord]>([])
  private let connections = Mutex(0)

  var all: [RequestRecord] { records.withLock { $0 } }

  func clear() {
    // Places stay, as requests under way know theirs.
    cleared.withLock { $0 = records.withLock { $0.count } }
  }

  private let cleared = Mutex(0)

  var sinceClear: [RequestRecord] { Array(all.dropFirst(cleared.withLock { $0 })) }

  func nextConnection() -> Int {
    connections.withLock {
      $0 += 1
      return $0
    }
  }

  func begin(_ record: RequestRecord) -> Int {
    records.withLock { records in
      records.append(record)
      return records.count - 1
    }
  }

  func update(_ index: Int, _ body: (inout RequestRecord) -> Void) {
    records.withLock { body(&$0[index]) }
  }
}
