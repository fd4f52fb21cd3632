import GoogleCloud
import RegistryModel
import Synchronization
import Testing

@Suite struct UploadTests {
  static let unit = 256 << 10
  static let sizes = UploadSizes(resumableFromBytes: 1 << 10, chunkBytes: 512 << 10)
  /// Three chunks, the last a short one.
  static let source = PatternSource(
    bytes: 1_100_000, identity: try? Digest(hex: String(repeating: "a1", count: 32)))

  func upload(
    _ server: ScriptedServer, _ source: PatternSource = UploadTests.source, sessions: KeptSessions? = nil,
    clock: FakeClock = FakeClock()
  ) throws -> (creation: ObjectCreation?, sent: [Int64], error: RegistryError?) {
    var sent: [Int64] = []
    var creation: ObjectCreation?
    let client = try storage(server, sessions: sessions, clock: clock, uploads: Self.sizes)
    let error = failure {
      creation = try client.create(path("big"), source, metadata: ["sha256": "00"]) { sent.append($0) }
    }
    return (creation, sent, error)
  }

  func ranges(_ server: ScriptedServer) -> [String] {
    server.requests.map { $0.headers["content-range"] ?? $0.method }
  }

  @Test func `chunks go up, and the last has the checksum`() throws {
    let store = SessionServer("big")
    let server = try ScriptedServer { _, request, exchange in store.answer(request, exchange) }
    defer { server.stop() }
    let sessions = KeptSessions()
    let (creation, sent, error) = try upload(server, sessions: sessions)
    #expect(error == nil)
    #expect(creation == .created(try described("big", Self.source.all)))
    #expect(sent == [524_288, 524_288, 51_424])
    #expect(sessions.all.isEmpty)
    #expect(
      ranges(server) == [
        "POST", "bytes 0-524287/1100000", "bytes 524288-1048575/1100000", "bytes 1048576-1099999/1100000",
      ])
    let requests = server.requests
    #expect(requests[0].query("ifGenerationMatch") == "0")
    #expect(requests[0].query("name") == "shared%2Fbig")
    #expect(requests[0].headers["x-upload-content-length"] == "1100000")
    #expect(
      String(decoding: requests[0].body, as: UTF8.self)
        == #"{"contentType":"application/octet-stream","metadata":{"sha256":"00"},"name":"shared/big"}"#)
    let hash = "crc32c=\(ObjectChecksum.text(CRC32C.of(Self.source.all)))"
    #expect(requests.map { $0.headers["x-goog-hash"] } == [nil, nil, nil, hash])
    #expect(store.stored == Self.source.all)
  }

  @Test func `what the store took of a chunk is what counts`() throws {
    let store = SessionServer("big")
    let server = try ScriptedServer { number, request, exchange in
      store.answer(request, exchange, keep: number < 3 ? Self.unit : .max, hasHash: number != 1)
    }
    defer { server.stop() }
    let (creation, sent, error) = try upload(server)
    #expect(error == nil && creation != nil)
    #expect(sent.reduce(0, +) == Self.source.bytes)
    #expect(
      ranges(server) == [
        "POST", "bytes 0-524287/1100000", "bytes 262144-786431/1100000", "bytes 524288-1048575/1100000",
        "bytes 1048576-1099999/1100000",
      ])
    #expect(store.stored == Self.source.all)
  }

  @Test(arguments: [503, 500, 429, 408, 0]) func `after trouble the store is asked`(_ status: Int) throws {
    let store = SessionServer("big")
    let server = try ScriptedServer { number, request, exchange in
      guard number == 2 else { return store.answer(request, exchange) }
      if status > 0 {
        exchange.reply(status, [("Content-Type", "text/plain")], Array("Invalid request.".utf8))
      } else {
        exchange.hangUp()
      }
    }
    defer { server.stop() }
    let clock = FakeClock()
    let (creation, sent, error) = try upload(server, clock: clock)
    #expect(error == nil && creation != nil)
    #expect(sent == [524_288, 524_288, 51_424])
    #expect(
      ranges(server)[2...].prefix(3) == [
        "bytes 524288-1048575/1100000", "bytes */1100000", "bytes 524288-1048575/1100000",
      ])
    #expect(clock.slept == [.seconds(1)])
  }

  @Test func `a body that breaks off is gone on with from what the store kept`() throws {
    let store = SessionServer("big")
    let server = try ScriptedServer(readsBodies: true) { number, request, exchange in
      var request = request
      request.body = exchange.body(limit: number == 1 ? 300_000 : .max)
      guard number == 1 else { return store.answer(request, exchange) }
      store.state.withLock { $0.stored = Array(request.body.prefix(Self.unit)) }
      exchange.hangUp()
    }
    defer { server.stop() }
    let (creation, sent, error) = try upload(server)
    #expect(error == nil && creation != nil)
    #expect(sent == [262_144, 524_288, 313_568])
    #expect(ranges(server)[2...3] == ["bytes */1100000", "bytes 262144-786431/1100000"])
  }

  @Test func `a lost last answer is found by asking`() throws {
    let store = SessionServer("big")
    let server = try ScriptedServer { number, request, exchange in
      if number == 3 {
        store.state.withLock { $0 = .init(sessions: 1, stored: Self.source.all, isFinal: true) }
        return exchange.hangUp()
      }
      store.answer(request, exchange)
    }
    defer { server.stop() }
    let (creation, _, error) = try upload(server)
    #expect(error == nil)
    #expect(creation == .created(try described("big", Self.source.all)))
    #expect(ranges(server).last == "bytes */1100000")
  }

  @Test func `everything is there but the object, and asking makes it`() throws {
    let store = SessionServer("big")
    let server = try ScriptedServer { number, request, exchange in
      guard number == 3 else { return store.answer(request, exchange) }
      store.state.withLock { $0.stored = Self.source.all }
      exchange.reply(308, [("Range", "bytes=0-1099999")])
    }
    defer { server.stop() }
    let (creation, sent, error) = try upload(server)
    #expect(error == nil && creation != nil)
    #expect(sent.reduce(0, +) == Self.source.bytes)
    let last = try #require(server.requests.last)
    #expect(last.headers["content-range"] == "bytes */1100000" && last.headers["x-goog-hash"] != nil)
  }

  @Test(arguments: [404, 410, 499]) func `a session that is gone is replaced`(_ status: Int) throws {
    let store = SessionServer("big")
    let server = try ScriptedServer { number, request, exchange in
      if number == 2 { exchange.reply(status) } else { store.answer(request, exchange) }
    }
    defer { server.stop() }
    let (creation, sent, error) = try upload(server)
    #expect(error == nil && creation != nil)
    #expect(store.sessions == 2)
    #expect(sent.reduce(0, +) == Self.source.bytes)
    #expect(store.stored == Self.source.all)
  }

  @Test func `sessions that are always gone end it`() throws {
    let store = SessionServer("big")
    let server = try ScriptedServer { _, request, exchange in
      if request.method == "PUT" { exchange.reply(410) } else { store.answer(request, exchange) }
    }
    defer { server.stop() }
    #expect(try upload(server).error?.code == .remote)
    #expect(store.sessions == 5)
  }

  @Test(arguments: [0, 3, 4]) func `the name is taken, at the start, at the end, or when asked`(_ at: Int)
    throws
  {
    let store = SessionServer("big")
    let server = try ScriptedServer { number, request, exchange in
      if request.method == "GET" {
        exchange.reply(200, json: resource("big", [1, 2]))
      } else if number == at {
        exchange.reply(412, json: notHeld)
      } else if at == 4, number == 3 {
        exchange.hangUp()
      } else {
        store.answer(request, exchange)
      }
    }
    defer { server.stop() }
    let sessions = KeptSessions()
    let (creation, _, error) = try upload(server, sessions: sessions)
    #expect(error == nil)
    #expect(creation == .existed(try described("big", [1, 2])))
    #expect(sessions.all.isEmpty)
  }

  @Test func `more than was sent is data loss`() throws {
    let store = SessionServer("big")
    let server = try ScriptedServer { number, request, exchange in
      if number == 1 {
        exchange.reply(308, [("Range", "bytes=0-524288")])
      } else {
        store.answer(request, exchange)
      }
    }
    defer { server.stop() }
    #expect(try upload(server).error?.code == .integrity)
  }

  @Test func `an object that isn't what was sent is data loss`() throws {
    let store = SessionServer("big")
    for wrong in [Array(Self.source.all.dropLast()), Self.source.all.dropLast() + [0]] {
      let server = try ScriptedServer { number, request, exchange in
        if number == 3 {
          exchange.reply(200, json: resource("big", wrong))
        } else {
          store.answer(request, exchange)
        }
      }
      defer { server.stop() }
      let error = try upload(server).error
      #expect(error?.code == .integrity)
      #expect(error?.unchanged.contains("generation 7") == true)
    }
  }

  @Test func `a store that takes nothing is given up`() throws {
    let store = SessionServer("big")
    let server = try ScriptedServer { _, request, exchange in
      if request.method == "PUT" { exchange.reply(308) } else { store.answer(request, exchange) }
    }
    defer { server.stop() }
    let clock = FakeClock()
    #expect(try upload(server, clock: clock).error?.code == .remote)
    #expect(clock.slept.reduce(.zero, +) <= .seconds(120))
  }

  @Test func `a session elsewhere gets nothing`() throws {
    for location in ["http://127.0.0.1:1/upload?upload_id=s3cret", "https://127.0.0.1/x", "nonsense", nil] {
      let server = try ScriptedServer { _, _, exchange in
        exchange.reply(200, location.map { [("Location", $0)] } ?? [])
      }
      defer { server.stop() }
      let error = try upload(server).error
      #expect(error?.code == .remote)
      #expect(error?.message.contains("names no upload session") == true)
      #expect(error?.description.contains("s3cret") == false)
      #expect(server.requests.count == 1)
    }
  }

  @Test func `a wrong checksum is damage, and the session is not kept`() throws {
    let store = SessionServer("big")
    let text =
      #"{"error":{"code":400,"message":"Provided CRC32C \"A\" doesn't match calculated CRC32C \"B\".","#
      + #""errors":[{"reason":"invalid"}]}}"#
    let server = try ScriptedServer { number, request, exchange in
      if number == 3 { exchange.reply(400, json: text) } else { store.answer(request, exchange) }
    }
    defer { server.stop() }
    let sessions = KeptSessions()
    #expect(try upload(server, sessions: sessions).error?.code == .integrity)
    #expect(sessions.all.isEmpty)
  }

  @Test func `no message has a session's address`() throws {
    let store = SessionServer("big")
    let server = try ScriptedServer { _, request, exchange in
      guard request.method == "PUT" else { return store.answer(request, exchange) }
      exchange.reply(403, [("Content-Type", "text/html")], Array("no: \(request.target)".utf8))
    }
    defer { server.stop() }
    let error = try #require(try upload(server).error)
    #expect(error.code == .permission)
    #expect(!error.description.contains("s3cret"))
  }
}
