import CloudSimulator
import Foundation
import RegistryModel
import TestSupport
import Testing

/// Transfers that are killed again and again. Small and few here; `tools/benchmarks` does it with 200 MB and 100 kills.
@Suite("Killed transfers", .serialized) struct KilledTransferTests {
  private static let kills = 12
  private static let bytes = 24 << 20

  private func weights(_ store: CommandStore) throws -> String {
    var generator = SplitMix(state: 42)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.bytes)
    for _ in 0..<Self.bytes / 8 { withUnsafeBytes(of: generator.next()) { bytes += $0 } }
    return try store.scratch.write("weights.bin", bytes)
  }

  /// Runs a command and kills it after 5 to 150 ms, `kills` times; then to its end.
  private func killing(_ store: SharedStore, _ arguments: String...) throws -> Int {
    var killed = 0
    var generator = SplitMix(state: 7)
    for _ in 0..<Self.kills {
      let child = try store.store.start(arguments, store.variables)
      usleep(useconds_t(5_000 + generator.next() % 145_000))
      child.signal(SIGKILL)
      if try child.wait().signal == SIGKILL { killed += 1 }
    }
    #expect(killed > 0, "nothing was killed, so nothing was shown")
    try store.store.run(arguments, with: store.variables)
    return killed
  }

  @Test func `a download goes on where it was killed`() throws {
    let bench = try CloudBench()
    let left = try bench.store("left")
    try left.run("publish", "robot_001", weights(left.store))
    try left.run("push", "robot_001_v1")
    let right = try bench.store("right")
    bench.simulator.forgetRequests()
    let killed = try killing(right, "install", "robot_001_v1")
    let sent = bench.simulator.requests.reduce(0) { $0 + $1.sentBytes }
    let limit = Int64(Self.bytes + killed * 256 << 10) + 1 << 20  // manifests and answers are counted, too
    print("killed transfers: \(killed) kills, \(sent) bytes sent of \(limit) allowed")
    #expect(sent <= limit)
    try right.store.expectSound()
  }

  @Test func `an upload goes on where it was killed`() throws {
    let bench = try CloudBench()
    let left = try bench.store("left")
    try left.run("publish", "robot_001", weights(left.store))
    bench.simulator.forgetRequests()
    let killed = try killing(left, "push", "robot_001_v1")
    let received = bench.simulator.requests.reduce(0) { $0 + $1.receivedBytes }
    let limit = Int64(Self.bytes + killed * 512 << 10) + 1 << 20
    print("killed transfers: \(killed) kills, \(received) bytes received of \(limit) allowed")
    #expect(received <= limit)
    let right = try bench.store("right")
    #expect(try right.json("sync")["fetched_versions"]?.asInt == 1)
  }
}

/// A generator of chance that a seed decides.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
