import GoogleCloud
import RegistryModel
import Synchronization
import Testing

/// Transfers through a server that fails at random: whatever happens, what arrives is whole, or there is an error.
@Suite struct FaultTests {
  /// Chance that a seed repeats (SplitMix64).
  private struct Chance {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
      return Int((mixed ^ mixed >> 31) % UInt64(bound))
    }
  }

  @Test(arguments: 0..<24) func `an upload through trouble is whole`(_ seed: Int) throws {
    let source = PatternSource(
      bytes: 1_500_000 + Int64(seed) * 7919, identity: try Digest(hex: String(repeating: "b2", count: 32)))
    let store = SessionServer("big")
    let chance = Mutex(Chance(state: UInt64(seed)))
    let server = try ScriptedServer(readsBodies: true) { _, request, exchange in
      let fault = chance.withLock { $0.below(10) }
      let part = chance.withLock { $0.below(600_000) }
      var request = request
      if fault == 0 {
        // Broke off on its way: the store keeps what it got, cut at 256 KiB.
        request.body = exchange.body(limit: part)
        if request.method == "PUT", let first = request.firstByte {
          store.state.withLock { state in
            guard !state.isFinal, first <= state.stored.count else { return }
            let all = state.stored.prefix(first) + request.body
            if all.count > state.stored.count {
              state.stored = Array(all.prefix(all.count / UploadTests.unit * UploadTests.unit))
            }
          }
        }
        return exchange.hangUp()
      }
      request.body = exchange.body()
      switch fault {
      case 1: exchange.hangUp()
      case 2: exchange.reply([408, 429, 500, 502, 503, 504][part % 6])
      case 3:
        // Done, and the answer is lost.
        let silent = Exchange(-1)
        store.answer(request, silent)
        exchange.hangUp()
      case 4: store.answer(request, exchange, keep: part / UploadTests.unit * UploadTests.unit)
      case 5 where request.method == "PUT" && part < 60_000:
        store.state.withLock { if !$0.isFinal { $0.stored = [] } }
        exchange.reply(part.isMultiple(of: 2) ? 410 : 404)
      default: store.answer(request, exchange, hasHash: part.isMultiple(of: 2))
      }
    }
    defer { server.stop() }
    var sent: Int64 = 0
    let sessions = KeptSessions()
    let client = try storage(server, sessions: sessions, uploads: UploadTests.sizes)
    let creation = try client.create(path("big"), source, metadata: [:]) { sent += $0 }
    #expect(creation == .created(try described("big", source.all)))
    #expect(sent == source.bytes)
    #expect(store.stored == source.all)
    #expect(sessions.all.isEmpty)
  }

  @Test(arguments: 0..<24) func `a download through trouble is whole`(_ seed: Int) throws {
    let bytes = PatternSource(bytes: 400_000 + Int64(seed) * 7919).all
    let chance = Mutex(Chance(state: UInt64(seed)))
    let server = try ScriptedServer { _, request, exchange in
      let fault = chance.withLock { $0.below(8) }
      let part = chance.withLock { $0.below(150_000) }
      let start = request.headers["range"].flatMap { Int($0.dropFirst(6).dropLast()) } ?? 0
      let isWhole = start == 0 || fault == 5
      let rest = Array(isWhole ? bytes[...] : bytes[start...])
      var headers = [("X-Goog-Generation", "7")]
      if !isWhole { headers.append(("Content-Range", "bytes \(start)-\(bytes.count - 1)/\(bytes.count)")) }
      switch fault {
      case 0: exchange.hangUp()
      case 1: exchange.reply([408, 429, 500, 502, 503, 504][part % 6])
      case 2, 3, 4:
        exchange.reply(isWhole ? 200 : 206, headers, Array(rest.prefix(part)), length: rest.count)
        exchange.hangUp()
      default: exchange.reply(isWhole ? 200 : 206, headers, rest)
      }
    }
    defer { server.stop() }
    for offset in [0, Int64(bytes.count / 2)] {
      var got: [UInt8] = []
      try storage(server).read(described("x", bytes), from: offset) { got += $0 }
      #expect(got == Array(bytes[Int(offset)...]))
    }
  }
}

extension ScriptedServer.Request {
  /// Where the body begins in the object; nil for a query.
  fileprivate var firstByte: Int? {
    headers["content-range"].flatMap { Int($0.dropFirst("bytes ".count).prefix { $0 != "-" }) }
  }
}
