import GoogleCloud
import RegistryModel
import Testing

@Suite struct DownloadTests {
  private static let bytes = PatternSource(bytes: 300_000).all

  /// Reads the object and gives what arrived, and the error if there was one.
  private func read(
    _ server: ScriptedServer, from offset: Int64 = 0, clock: FakeClock = FakeClock(),
    _ info: ObjectInfo? = nil
  ) throws -> (got: [UInt8], error: RegistryError?) {
    var got: [UInt8] = []
    let client = try storage(server, clock: clock)
    let info = try info ?? described("a/b", Self.bytes)
    let error = failure { try client.read(info, from: offset) { got += $0 } }
    return (got, error)
  }

  /// Answers a range request as the store does.
  private static func serve(
    _ request: ScriptedServer.Request, _ exchange: Exchange, breakAfter: Int? = nil
  ) {
    var start = 0
    if let range = request.headers["range"] { start = Int(range.dropFirst(6).dropLast()) ?? 0 }
    var headers = [("X-Goog-Generation", "7")]
    if start > 0 { headers.append(("Content-Range", "bytes \(start)-\(bytes.count - 1)/\(bytes.count)")) }
    let rest = Array(bytes[start...])
    exchange.reply(
      start > 0 ? 206 : 200, headers, breakAfter.map { Array(rest.prefix($0)) } ?? rest, length: rest.count)
    if breakAfter != nil { exchange.hangUp() }
  }

  @Test func `a broken stream is gone on with where it stopped`() throws {
    let server = try ScriptedServer { number, request, exchange in
      switch number {
      case 0, 1, 3: Self.serve(request, exchange, breakAfter: 70_000)
      case 2: exchange.reply(503, [("Retry-After", "9")])
      default: Self.serve(request, exchange)
      }
    }
    defer { server.stop() }
    let clock = FakeClock()
    let (got, error) = try read(server, clock: clock)
    #expect(error == nil)
    #expect(got == Self.bytes)
    #expect(
      server.requests.map { $0.headers["range"] } == [
        nil, "bytes=70000-", "bytes=140000-", "bytes=140000-", "bytes=210000-",
      ])
    #expect(server.requests.allSatisfy { $0.query("generation") == "7" && $0.query("alt") == "media" })
    #expect(server.requests[0].path == "/download/storage/v1/b/models/o/shared%2Fa%2Fb")
    // Headway sets the waits back; what the server asks for is kept, with the jitter on top.
    #expect(clock.slept == [1, 1, 11, 1].map { Duration.seconds($0) })
  }

  @Test func `what is stored gzipped comes as it is stored`() throws {
    let server = try ScriptedServer { _, request, exchange in
      let stored = [("X-Goog-Generation", "7"), ("X-Goog-Stored-Content-Encoding", "gzip")]
      guard request.headers["accept-encoding"] == "gzip" else {
        // Unpacked, and without a length, as nobody counted it.
        exchange.send(
          "HTTP/1.1 200 OK\r\nX-Goog-Generation: 7\r\nX-Goog-Stored-Content-Encoding: gzip\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n4\r\nmore\r\n0\r\n\r\n")
        return
      }
      exchange.reply(200, stored + [("Content-Encoding", "gzip")], Self.bytes)
    }
    defer { server.stop() }
    let (got, error) = try read(server)
    #expect(error == nil)
    #expect(got == Self.bytes)
    #expect(server.requests.map { $0.headers["accept-encoding"] } == ["identity", "gzip"])
  }

  @Test func `a stalled stream is given up and gone on with`() throws {
    let server = try ScriptedServer { number, request, exchange in
      guard number == 0 else { return Self.serve(request, exchange) }
      exchange.reply(200, [], Array(Self.bytes.prefix(1000)), length: Self.bytes.count)
      exchange.stall()
    }
    defer { server.stop() }
    let (got, error) = try read(server)
    #expect(error == nil)
    #expect(got == Self.bytes)
  }

  @Test func `without a length, an early end is no whole`() throws {
    let server = try ScriptedServer { number, request, exchange in
      guard number == 0 else { return Self.serve(request, exchange) }
      exchange.send("HTTP/1.1 200 OK\r\nX-Goog-Generation: 7\r\n\r\n")
      exchange.send(Array(Self.bytes.prefix(5000)))
      exchange.hangUp()
    }
    defer { server.stop() }
    let (got, error) = try read(server)
    #expect(error == nil)
    #expect(got == Self.bytes)
    #expect(server.requests.last?.headers["range"] == "bytes=5000-")
  }

  @Test func `a read from the middle asks for the rest, and the whole answer is skipped into`() throws {
    let server = try ScriptedServer { number, request, exchange in
      if number == 0 { Self.serve(request, exchange) } else { exchange.reply(200, [], Self.bytes) }
    }
    defer { server.stop() }
    for _ in 0..<2 {
      let (got, error) = try read(server, from: 123_456)
      #expect(error == nil)
      #expect(got == Array(Self.bytes[123_456...]))
    }
    #expect(server.requests.allSatisfy { $0.headers["range"] == "bytes=123456-" })
  }

  @Test func `all bytes are here already, and nothing is asked`() throws {
    let server = try ScriptedServer { _, _, exchange in exchange.hangUp() }
    defer { server.stop() }
    #expect(try read(server, from: 300_000).error == nil)
    #expect(try read(server, from: 300_001).error?.code == .integrity)
    #expect(try read(server, described("empty", [])).error == nil)
    #expect(server.requests.isEmpty)
  }

  @Test(
    arguments: [
      "bytes 9-299999/300000", "bytes 10-299998/300000", "bytes 10-299999/300001", "bytes 10-299999/*", "x",
      "",
    ])
  func `another range than the one asked for is refused`(_ range: String) throws {
    let server = try ScriptedServer { _, _, exchange in
      exchange.reply(206, [("Content-Range", range)], Array(Self.bytes[10...]))
    }
    defer { server.stop() }
    let (got, error) = try read(server, from: 10)
    #expect(error?.code == .integrity)
    #expect(got.isEmpty)
    #expect(server.requests.count == 1)
  }

  @Test func `more or other bytes than the object has are refused`() throws {
    let server = try ScriptedServer { number, request, exchange in
      switch number {
      case 0:
        // No length: endless.
        exchange.send("HTTP/1.1 200 OK\r\n\r\n")
        while exchange.send(Self.bytes) {}
        exchange.hangUp()
      case 1: exchange.reply(200, [], Self.bytes + [0])
      case 2: exchange.reply(200, [("X-Goog-Generation", "8")], Self.bytes)
      case 3: exchange.reply(200, [("Content-Encoding", "gzip")], Self.bytes)
      default: exchange.reply(200, [], Self.bytes.dropLast() + [0])
      }
    }
    defer { server.stop() }
    for _ in 0..<5 { #expect(try read(server).error?.code == .integrity) }
    #expect(server.requests.count == 5)
  }

  @Test func `a generation that is gone is said to be gone`() throws {
    let server = try ScriptedServer { _, _, exchange in
      exchange.reply(404, [("Content-Type", "text/html")], Array("No such object: models/shared/a/b".utf8))
    }
    defer { server.stop() }
    let error = try read(server).error
    #expect(error?.code == .notFound)
    #expect(error?.message.contains("generation 7 is gone") == true)
  }

  @Test func `trouble without headway ends at the deadline`() throws {
    let server = try ScriptedServer { _, _, exchange in exchange.reply(503) }
    defer { server.stop() }
    let clock = FakeClock()
    #expect(try read(server, clock: clock).error?.code == .remote)
    #expect(clock.slept == [1, 2, 4, 8, 16, 32].map { Duration.seconds($0) })
  }

  @Test func `a sink's own error comes out, and no piece follows`() throws {
    struct Full: Error {}
    let server = try ScriptedServer { _, request, exchange in Self.serve(request, exchange) }
    defer { server.stop() }
    var pieces = 0
    #expect(throws: Full.self) {
      try storage(server).read(described("a/b", Self.bytes), from: 0) { _ in
        pieces += 1
        throw Full()
      }
    }
    #expect(pieces == 1)
    #expect(server.requests.count == 1)
  }
}
