import CloudSimulator
import Foundation
import Testing

@Suite struct ServerTests {
  private let simulator = Simulator(buckets: ["models"])

  init() throws { try simulator.start() }

  @Test func `a connection serves many requests, and the log has them`() throws {
    defer { simulator.stop() }
    try simulator.state.put(Array("hello".utf8), as: "a", in: "models")
    let client = try RawClient(simulator)
    client.send("GET", "\(Caller.objects)/a?alt=media", ["Range: bytes=1-2"])
    #expect(client.readAnswer().body == Array("el".utf8))
    client.send("GET", "\(Caller.objects)/a?ifMetagenerationNotMatch=1")
    #expect(client.readAnswer().status == 304)
    client.send("DELETE", "\(Caller.objects)/a")
    #expect(client.readAnswer().status == 204)
    client.send("POST", "\(Caller.uploads)?uploadType=media&name=b", body: [1, 2, 3])
    #expect(client.readAnswer().status == 200)
    let log = simulator.requests
    #expect(log.map(\.kind) == [.media, .get, .delete, .insertMedia])
    #expect(log.map(\.status) == [206, 304, 204, 200])
    #expect(Set(log.map(\.connection)).count == 1)
    #expect(log[0].range == "bytes=1-2")
    #expect(log[0].sentBytes == 2)
    #expect(log[3].receivedBytes == 3)
  }

  @Test func `after a stop it starts again where it was, with what it had`() throws {
    try simulator.state.put([1], as: "a", in: "models")
    let url = simulator.url
    simulator.stop()
    #expect(throws: RawClient.Failure.self) { try RawClient(simulator) }
    try simulator.start()
    defer { simulator.stop() }
    #expect(simulator.url == url)
    let client = try RawClient(simulator)
    client.send("GET", "\(Caller.objects)/a?alt=media")
    #expect(client.readAnswer().body == [1])
  }

  @Test func `a client that waits for 100 gets it`() throws {
    defer { simulator.stop() }
    let client = try RawClient(simulator)
    client.send("POST", "\(Caller.uploads)?uploadType=media&name=b", ["Expect: 100-continue"], announced: 3)
    #expect(client.readAnswer().status == 100)
    client.send([1, 2, 3])
    #expect(client.readAnswer().status == 200)
  }

  @Test func `an answer to HEAD has no body`() throws {
    defer { simulator.stop() }
    let client = try RawClient(simulator)
    client.send("HEAD", "/none", ["Connection: close"])
    let answer = client.readToEnd()
    #expect(answer.status == 404)
    #expect(answer.header("Content-Length") == "9")
    #expect(answer.header("Connection") == "close")
    #expect(answer.body.isEmpty)
  }

  @Test func `a target that can't be decoded is refused`() throws {
    defer { simulator.stop() }
    let client = try RawClient(simulator)
    client.send("GET", "/storage/v1/b/models/o/%zz")
    #expect(client.readToEnd().status == 400)
  }

  @Test func `a client that goes away leaves what arrived to its session`() async throws {
    defer { simulator.stop() }
    let session = try startSession(simulator)
    do {
      let client = try RawClient(simulator)
      client.send(
        "PUT", session, ["Content-Range: bytes 0-599999/600000"], body: pattern(300_000), announced: 600_000)
    }
    // The server sees the end of a connection when it gets to it, and nothing tells the client when.
    let deadline = ContinuousClock.now + .seconds(30)
    while simulator.state.sessionBytes["a"] != 262_144, ContinuousClock.now < deadline { await Task.yield() }
    #expect(simulator.state.sessionBytes["a"] == 262_144)
  }

  @Test func `large bodies can be kept in files`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "cloud-simulator-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var options = StorageOptions()
    options.spool = .folder(folder)
    let simulator = Simulator(buckets: ["models"], options: options)
    try simulator.start()
    defer { simulator.stop() }
    let data = pattern(5_000_000)
    let client = try RawClient(simulator)
    client.send("POST", "\(Caller.uploads)?uploadType=media&name=a", body: data)
    #expect(client.readAnswer().status == 200)
    client.send("GET", "\(Caller.objects)/a?alt=media")
    let whole = client.readAnswer()
    #expect(whole.body == data)
    client.send("GET", "\(Caller.objects)/a?alt=media", ["Range: bytes=3000000-3000009"])
    #expect(client.readAnswer().body == Array(data[3_000_000..<3_000_010]))
    let session = try startSession(simulator)
    client.send("PUT", session, ["Content-Range: bytes 0-2097151/*"], body: Array(data[..<2_097_152]))
    #expect(client.readAnswer().status == 308)
    client.send(
      "PUT", session, ["Content-Range: bytes 2097152-4999999/5000000"], body: Array(data[2_097_152...]))
    #expect(client.readAnswer().status == 200)
    let summaries = simulator.state.objects(in: "models")
    #expect(Set(summaries.map(\.crc32c)).count == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
  }
}

/// Opens an upload session for `a`, and returns its path and query.
func startSession(_ simulator: Simulator) throws -> String {
  let client = try RawClient(simulator)
  client.send("POST", "\(Caller.uploads)?uploadType=resumable&name=a", ["Connection: close"])
  let location = try #require(client.readToEnd().header("Location"))
  return location.replacing("http://127.0.0.1", with: "")
}
