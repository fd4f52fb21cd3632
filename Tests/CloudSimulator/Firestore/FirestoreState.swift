package import RegistryModel
import Synchronization

/// The Firestore of a simulator, behind a lock: the API for clients, and for tests what goes on behind their backs.
package final class FirestoreState: Sendable {
  private let database = Mutex(FirestoreDatabase())
  private let clock: SimulatedClock

  init(clock: SimulatedClock) { self.clock = clock }

  func handle(_ call: FirestoreCall, _ request: Request) -> Reply {
    let now = clock.nowMicroseconds()
    return database.withLock { $0.handle(call, request, now: now) }
  }

  /// The composite indexes that are ready; without them, queries that need one are refused.
  package var indexes: [FirestoreIndex] {
    get { database.withLock { $0.indexes } }
    set { database.withLock { $0.indexes = newValue } }
  }

  /// The fields of a document by its whole name, as values of Firestore.
  package func fields(of name: String) -> [String: JSONValue]? {
    database.withLock { $0.documents[name]?.fields.json }
  }

  /// The whole names of all documents, sorted.
  package var documentNames: [String] { database.withLock { $0.documents.keys.sorted() } }

  /// Changes a document as another client would; one that isn't there is made.
  ///
  /// - Parameter changes: values of Firestore by field; null removes one.
  package func change(_ name: String, _ changes: [String: JSONValue]) throws {
    let now = clock.nowMicroseconds()
    try database.withLock { database in
      let old = database.documents[name]
      var members = old?.fields.json ?? [:]
      for (name, value) in changes { members[name] = value.isNull ? nil : value }
      let time = database.changeTime(now)
      do throws(RPCError) {
        database.documents[name] = FirestoreDatabase.Document(
          name: name, fields: try FirestoreFields(.object(members)), createTime: old?.createTime ?? time,
          updateTime: time)
      } catch { throw NoSuchObject(description: error.message) }
    }
  }

  package func remove(_ name: String) {
    let now = clock.nowMicroseconds()
    database.withLock { database in
      database.documents[name] = nil
      _ = database.changeTime(now)
    }
  }
}
