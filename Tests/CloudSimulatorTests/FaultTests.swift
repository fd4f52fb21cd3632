import CloudSimulator
import RegistryModel
import Testing

/// Each fault, as a client without any cleverness meets it.
@Suite struct FaultTests {
  private static let media = "\(Caller.objects)/a?alt=media"
  private let data = pattern(1000)

  private func run(
    _ faults: Fault..., body: (Simulator) throws -> Void
  ) throws {
    let simulator = Simulator(buckets: ["models"], faults: FaultScript(faults))
    try simulator.start()
    defer { simulator.stop() }
    try simulator.state.put(data, as: "a", in: "models")
    try body(simulator)
  }

  private func get(_ simulator: Simulator, _ headers: String...) throws -> Received {
    let client = try RawClient(simulator)
    client.send("GET", Self.media, headers + ["Connection: close"])
    return client.readToEnd()
  }

  @Test func `an answer instead of doing it, once`() throws {
    try run(Fault(.answer(FaultAnswer(503, retryAfterSeconds: 7, body: "busy")), on: .insertMedia)) {
      simulator in
      let client = try RawClient(simulator)
      let target = "\(Caller.uploads)?uploadType=media&name=b"
      client.send("POST", target, body: data)
      let busy = client.readAnswer()
      #expect(busy.status == 503)
      #expect(busy.header("Retry-After") == "7")
      #expect(busy.body == Array("busy".utf8))
      #expect(simulator.state.object("b", in: "models") == nil)
      client.send("POST", target, body: data)
      #expect(client.readAnswer().status == 200)
      #expect(simulator.faults.happenedCount == 1)
    }
  }

  @Test func `it is done, and the answer says that it isn't`() throws {
    try run(Fault(.doThenAnswer(FaultAnswer(502)), on: .insertMedia)) { simulator in
      let client = try RawClient(simulator)
      client.send("POST", "\(Caller.uploads)?uploadType=media&name=b", body: data)
      #expect(client.readAnswer().status == 502)
      #expect(try simulator.state.bytes(of: "b", in: "models") == data)
    }
  }

  @Test func `a lost answer: it is done, and nobody says so`() throws {
    try run(Fault(.dropResponse, on: .insertMedia)) { simulator in
      let client = try RawClient(simulator)
      client.send("POST", "\(Caller.uploads)?uploadType=media&name=b", body: data)
      #expect(client.readToEnd().head.isEmpty)
      #expect(try simulator.state.bytes(of: "b", in: "models") == data)
      #expect(simulator.requests.map(\.status) == [nil])
    }
  }

  @Test func `a lost answer to the last chunk`() throws {
    try run(Fault(.dropResponse, on: .putChunk)) { simulator in
      let session = try startSession(simulator)
      let client = try RawClient(simulator)
      client.send("PUT", session, ["Content-Range: bytes 0-999/1000"], body: data)
      #expect(client.readToEnd().head.isEmpty)
      let again = try RawClient(simulator)
      again.send("PUT", session, ["Content-Range: bytes */1000"], announced: 0)
      #expect(again.readAnswer().status == 200)
    }
  }

  @Test func `a request that breaks leaves what arrived to its session`() throws {
    try run(Fault(.closeRequest(afterBytes: 300_000), on: .putChunk)) { simulator in
      let session = try startSession(simulator)
      let client = try RawClient(simulator)
      client.send("PUT", session, ["Content-Range: bytes 0-599999/600000"], body: pattern(600_000))
      #expect(client.readToEnd().head.isEmpty)
      #expect(simulator.state.sessionBytes == ["a": 262_144])
    }
  }

  @Test func `a chunk of which a part is stored`() throws {
    try run(Fault(.storePart(afterBytes: 300_000), on: .putChunk)) { simulator in
      let session = try startSession(simulator)
      let client = try RawClient(simulator)
      client.send("PUT", session, ["Content-Range: bytes 0-599999/600000"], body: pattern(600_000))
      let answer = client.readAnswer()
      #expect(answer.status == 308)
      #expect(answer.header("Range") == "bytes=0-262143")
    }
  }

  @Test func `a server that stops reading`() throws {
    try run(Fault(.stallRequest(afterBytes: 10), on: .insertMedia)) { simulator in
      let client = try RawClient(simulator)
      client.send("POST", "\(Caller.uploads)?uploadType=media&name=b", body: data)
      let deadline = ContinuousClock.now + .seconds(30)
      while simulator.requests.first?.receivedBytes ?? 0 == 0, ContinuousClock.now < deadline { continue }
      simulator.closeConnections()
      #expect(client.readToEnd().head.isEmpty)
      #expect(simulator.state.object("b", in: "models") == nil)
    }
  }

  @Test(arguments: [0, 10, 999]) func `an answer that breaks`(count: Int) throws {
    try run(Fault(.closeResponse(afterBytes: Int64(count)), on: .media)) { simulator in
      let answer = try get(simulator)
      #expect(answer.status == 200)
      #expect(answer.header("Content-Length") == "1000")
      #expect(answer.body == Array(data[..<count]))
      #expect(try get(simulator).body == data)
    }
  }

  @Test func `an answer that stalls on an open connection`() throws {
    try run(Fault(.stallResponse(afterBytes: 10), on: .media)) { simulator in
      let client = try RawClient(simulator)
      client.send("GET", Self.media)
      var bytes: [UInt8] = []
      while Received(bytes).body.count < 10 { bytes += client.read(4096) }
      simulator.closeConnections()
      #expect(Received(bytes + client.read(4096)).body == Array(data[..<10]))
    }
  }

  @Test(arguments: [5, -5]) func `a length that is wrong`(difference: Int) throws {
    try run(Fault(.wrongLength(byBytes: Int64(difference)), on: .media)) { simulator in
      let answer = try get(simulator)
      #expect(answer.header("Content-Length") == "\(1000 + difference)")
      #expect(answer.body == data)
    }
  }

  @Test func `a body without end`() throws {
    try run(Fault(.endlessBody, on: .media)) { simulator in
      let client = try RawClient(simulator)
      client.send("GET", Self.media)
      var count = 0
      while count < 4 << 20 {
        let more = client.read(65536)
        try #require(!more.isEmpty)
        count += more.count
      }
    }
  }

  @Test func `a byte that changes on the wire`() throws {
    try run(
      Fault(.corruptResponse(atByte: 3), on: .media), Fault(.corruptRequest(atByte: 3), on: .insertMedia)
    ) {
      simulator in
      var wrong = data
      wrong[3] ^= 0xff
      #expect(try get(simulator).body == wrong)
      #expect(try get(simulator).body == data)
      let client = try RawClient(simulator)
      client.send("POST", "\(Caller.uploads)?uploadType=media&name=b", body: data)
      #expect(client.readAnswer().status == 200)
      #expect(try simulator.state.bytes(of: "b", in: "models") == wrong)
    }
  }

  @Test func `an object that changes between two ranges`() throws {
    try run(Fault(.changeObject, on: .media, skip: 1)) { simulator in
      let first = try get(simulator, "Range: bytes=0-9")
      let second = try get(simulator, "Range: bytes=10-19")
      #expect(first.body == Array(data[..<10]))
      #expect(second.body == data[10..<20].map { $0 ^ 0xff })
      #expect(first.header("x-goog-generation") != second.header("x-goog-generation"))
    }
  }

  @Test func `a delay only delays`() throws {
    try run(Fault(.delay(milliseconds: 1), on: .media)) { simulator in
      let answer = try get(simulator)
      #expect(answer.body == data)
    }
  }

  @Test func `a script skips, repeats and chooses the same way for one seed`() throws {
    func happened(seed: UInt64) throws -> [Bool] {
      let fault = Fault(
        .answer(FaultAnswer(500)), method: "GET", pathContains: "/o/a", times: nil, probability: 0.5)
      let simulator = Simulator(buckets: ["models"], faults: FaultScript([fault], seed: seed))
      try simulator.start()
      defer { simulator.stop() }
      for _ in 0..<32 { _ = try get(simulator) }
      return simulator.requests.map { $0.fault != nil }
    }
    let first = try happened(seed: 1)
    #expect(Set(first).count == 2)
    #expect(try first == happened(seed: 1))
    #expect(try first != happened(seed: 2))
  }
}

@Suite struct FaultScriptTests {
  @Test func `a script in JSON has every action`() throws {
    let actions: [JSONValue] = [
      ["type": "answer", "status": 503, "retryAfterSeconds": 1, "body": "busy", "contentType": "text/plain"],
      ["type": "doThenAnswer", "status": 502], ["type": "dropResponse"],
      ["type": "closeRequest", "afterBytes": 1],
      ["type": "stallRequest", "afterBytes": 1],
      ["type": "storePart", "afterBytes": 1], ["type": "corruptRequest", "atByte": 1],
      ["type": "closeResponse", "afterBytes": 1], ["type": "stallResponse", "afterBytes": 1],
      ["type": "corruptResponse", "atByte": 1], ["type": "wrongLength", "byBytes": -1],
      ["type": "endlessBody"],
      ["type": "changeObject"], ["type": "delay", "milliseconds": 1],
    ]
    for action in actions {
      let fault: JSONValue = [
        "kind": "media", "method": "GET", "path": "x", "skip": 1, "times": nil, "probability": 0.5,
        "action": action,
      ]
      _ = try FaultScript(json: ["seed": 3, "faults": [fault]])
    }
  }

  @Test(arguments: [
    "{}", #"{"faults": [{}]}"#, #"{"faults": [], "sede": 1}"#,
    #"{"faults": [{"kind": "medai", "action": {"type": "dropResponse"}}]}"#,
    #"{"faults": [{"action": {"type": "drop"}}]}"#,
    #"{"faults": [{"action": {"type": "dropResponse", "afterBytes": 1}}]}"#,
    #"{"faults": [{"action": {"type": "closeRequest"}}]}"#,
    #"{"faults": [{"action": {"type": "closeRequest", "afterBytes": -1}}]}"#,
    #"{"faults": [{"times": 0, "action": {"type": "dropResponse"}}]}"#,
    #"{"faults": [{"probability": 2, "action": {"type": "dropResponse"}}]}"#,
    #"{"faults": [{"action": {"type": "answer", "status": 99}}]}"#,
  ]) func `what is no script is refused`(text: String) throws {
    let json = try JSONValue(parsing: text.utf8)
    #expect(throws: RegistryError.self) { try FaultScript(json: json) }
  }
}
