import Synchronization

/// The storage of a simulator, behind a lock: the API for clients, and for tests whatever goes on behind their backs.
package final class StorageState: Sendable {
  private let storage: Mutex<Storage>
  private let clock: SimulatedClock

  package init(
    buckets: [String] = [], options: StorageOptions = StorageOptions(), clock: SimulatedClock = .system
  ) {
    var storage = Storage(options: options)
    for name in buckets {
      storage.buckets[name] = Bucket(name: name, createdMicroseconds: clock.nowMicroseconds())
    }
    self.storage = Mutex(storage)
    self.clock = clock
  }

  package var options: StorageOptions {
    get { storage.withLock { $0.options } }
    set { storage.withLock { $0.options = newValue } }
  }

  package func handle(_ request: Request) -> Reply {
    let now = clock.nowMicroseconds()
    return storage.withLock { $0.handle(request, nowMicroseconds: now) }
  }

  /// An empty store for a body of a request.
  package func newBody(hashesOnArrival: Bool) -> ByteStore {
    let options = options
    return ByteStore(spool: options.spool, hasMD5: options.keepsMD5, hashesOnArrival: hashesOnArrival)
  }

  func withStorage<Value>(_ body: (inout Storage) throws -> sending Value) rethrows -> sending Value {
    try storage.withLock(body)
  }

  var now: Int64 { clock.nowMicroseconds() }
}
