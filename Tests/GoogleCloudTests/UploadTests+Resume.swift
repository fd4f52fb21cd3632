import GoogleCloud
import RegistryModel
import Testing

/// Uploads that a later run goes on with.
extension UploadTests {
  /// A server that refuses everything behind the first chunk, until the second run.
  private func interrupted(_ store: SessionServer, _ sessions: KeptSessions, hasHash: Bool = true) throws
    -> ScriptedServer
  {
    let server = try ScriptedServer { number, request, exchange in
      if number == 2 { exchange.reply(403) } else { store.answer(request, exchange, hasHash: hasHash) }
    }
    #expect(try upload(server, sessions: sessions).error?.code == .permission)
    #expect(sessions.all.count == 1)
    #expect(sessions.all.keys.first?.object == "gs://models/shared/big")
    #expect(store.stored.count == 524_288)
    return server
  }

  @Test(arguments: [true, false]) func `another run goes on with the kept session`(_ hasHash: Bool) throws {
    let store = SessionServer("big")
    let sessions = KeptSessions()
    let server = try interrupted(store, sessions, hasHash: hasHash)
    defer { server.stop() }
    let (creation, sent, error) = try upload(server, sessions: sessions)
    #expect(error == nil)
    #expect(creation == .created(try described("big", Self.source.all)))
    #expect(sent == [524_288, 524_288, 51_424])
    #expect(store.sessions == 1)
    #expect(ranges(server)[3...4] == ["bytes */1100000", "bytes 524288-1048575/1100000"])
    #expect(sessions.all.isEmpty)
  }

  @Test func `a session that somebody else has in hand is left to him`() throws {
    let store = SessionServer("big")
    let sessions = KeptSessions()
    let server = try interrupted(store, sessions)
    defer { server.stop() }
    let key = try #require(sessions.all.keys.first)
    let hold = try #require(sessions.hold(key))
    let (_, _, error) = try upload(server, sessions: sessions)
    #expect(error == nil)
    // It went up through a session of its own, and the other's is still kept.
    #expect(store.sessions == 2)
    #expect(sessions.all.keys.first == key)
    hold.release()
  }

  @Test func `a kept session of other bytes is left`() throws {
    let store = SessionServer("big")
    let sessions = KeptSessions()
    let server = try interrupted(store, sessions)
    defer { server.stop() }
    var changed = Self.source
    changed.seed = 9
    let (creation, _, error) = try upload(server, changed, sessions: sessions)
    #expect(error == nil)
    #expect(creation == .created(try described("big", changed.all)))
    #expect(store.sessions == 2)
    #expect(store.stored == changed.all)
  }

  @Test func `content without an identity is never gone on with`() throws {
    let store = SessionServer("big")
    let server = try ScriptedServer { number, request, exchange in
      if number == 2 { exchange.reply(403) } else { store.answer(request, exchange) }
    }
    defer { server.stop() }
    let sessions = KeptSessions()
    let nameless = PatternSource(bytes: Self.source.bytes)
    #expect(try upload(server, nameless, sessions: sessions).error?.code == .permission)
    #expect(sessions.all.isEmpty)
    #expect(try upload(server, nameless, sessions: sessions).error == nil)
    #expect(store.sessions == 2)
  }

  @Test func `a kept session at another server is left`() throws {
    let store = SessionServer("big")
    let sessions = KeptSessions()
    let server = try ScriptedServer { _, request, exchange in store.answer(request, exchange) }
    defer { server.stop() }
    let identity = try #require(Self.source.identity)
    let key = UploadKey(object: "gs://models/shared/big", content: identity, bytes: Self.source.bytes)
    let foreign = UploadSession(
      address: "https://evil.example/?upload_id=1", startedAt: Timestamp(milliseconds: 0))
    sessions.keep(foreign, for: key)
    #expect(try upload(server, sessions: sessions).error == nil)
    #expect(ranges(server).first == "POST")
  }

  @Test func `a source that fails comes out, and its session is kept`() throws {
    struct Unplugged: Error {}
    struct Failing: ObjectSource {
      let inner: PatternSource
      var bytes: Int64 { inner.bytes }
      var identity: Digest? { inner.identity }
      func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard offset < 900_000 else { throw Unplugged() }
        return inner.read(at: offset, into: buffer)
      }
    }
    let store = SessionServer("big")
    let server = try ScriptedServer { _, request, exchange in store.answer(request, exchange) }
    defer { server.stop() }
    let sessions = KeptSessions()
    #expect(throws: Unplugged.self) {
      try storage(server, sessions: sessions, uploads: Self.sizes).create(
        path("big"), Failing(inner: Self.source), metadata: [:]
      ) { _ in }
    }
    #expect(sessions.all.count == 1)
    let (creation, sent, error) = try upload(server, sessions: sessions)
    #expect(error == nil && creation != nil)
    #expect(sent.reduce(0, +) == Self.source.bytes && store.stored == Self.source.all)
    #expect(store.sessions == 1)
  }
}
