import Foundation
import GoogleCloud
import RegistryModel
import Synchronization
import Testing

/// Time that passes only while somebody sleeps.
final class FakeClock: Sendable {
  private struct State {
    var now = Duration.zero
    var date: Int64 = 1_767_225_600_000
    var slept: [Duration] = []
  }
  private let state = Mutex(State())

  var slept: [Duration] { state.withLock { $0.slept } }

  func advance(_ duration: Duration) {
    state.withLock {
      $0.now += duration
      $0.date += duration.components.seconds * 1000
    }
  }

  var clock: RequestClock {
    RequestClock(
      now: { self.state.withLock { $0.now } },
      date: { Timestamp(milliseconds: self.state.withLock { $0.date }) },
      sleep: { duration in
        self.state.withLock { $0.slept.append(duration) }
        self.advance(duration)
      },
      fraction: { 1 })
  }
}

/// Bytes that look like a large file's.
struct PatternSource: ObjectSource {
  let bytes: Int64
  var seed: UInt8 = 1
  var identity: Digest?

  func byte(at offset: Int64) -> UInt8 { UInt8(truncatingIfNeeded: offset &* 31 &+ offset >> 8) &+ seed }
  var all: [UInt8] { (0..<bytes).map(byte) }

  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = Int(min(Int64(buffer.count), bytes - offset))
    for index in 0..<max(0, count) { buffer[index] = byte(at: offset + Int64(index)) }
    return max(0, count)
  }
}

/// Keeps sessions in memory.
final class KeptSessions: UploadSessions {
  private let kept = Mutex<[UploadKey: UploadSession]>([:])
  var all: [UploadKey: UploadSession] { kept.withLock { $0 } }

  func session(for key: UploadKey) -> UploadSession? { kept.withLock { $0[key] } }
  func keep(_ session: UploadSession, for key: UploadKey) { kept.withLock { $0[key] = session } }
  func forget(_ key: UploadKey) { kept.withLock { $0[key] = nil } }

  private let held = Mutex<Set<UploadKey>>([])

  func hold(_ key: UploadKey) -> (any UploadHold)? {
    held.withLock { $0.insert(key).inserted } ? Hold { self.held.withLock { _ = $0.remove(key) } } : nil
  }

  private final class Hold: UploadHold {
    private let end: @Sendable () -> Void
    init(_ end: @escaping @Sendable () -> Void) { self.end = end }
    func release() { end() }
  }
}

/// Settings with which a stalled server is given up within a second.
func impatient(_ change: (inout HTTPConfiguration) -> Void = { _ in }) throws -> HTTPConfiguration {
  var configuration = try HTTPConfiguration()
  configuration.connectSeconds = 2
  configuration.lowSpeedSeconds = 1
  change(&configuration)
  return configuration
}

/// A client of `gs://models/shared` at a server on this machine.
func storage(
  _ server: ScriptedServer, credentials: Credentials = .anonymous, sessions: (any UploadSessions)? = nil,
  clock: FakeClock = FakeClock(), uploads: UploadSizes = UploadSizes()
) throws -> StorageClient {
  StorageClient(
    try BucketLocation(parsing: "gs://models/shared"),
    endpoint: try StorageEndpoint(base: server.base, isEmulator: false),
    http: HTTPClient(try impatient()), credentials: credentials, sessions: sessions, retry: RetryPolicy(),
    clock: clock.clock, uploads: uploads)
}

func path(_ text: String) throws -> RelativePath { try RelativePath(parsing: text) }

/// What the store says of an object.
func resource(_ name: String, _ bytes: [UInt8], generation: Int64 = 7) -> String {
  """
  {"kind":"storage#object","name":"shared/\(name)","bucket":"models","generation":"\(generation)",
  "metageneration":"1","size":"\(bytes.count)","crc32c":"\(ObjectChecksum.text(CRC32C.of(bytes)))",
  "timeCreated":"2026-01-05T10:15:00.123Z","metadata":{"sha256":"00"}}
  """
}

func described(_ name: String, _ bytes: [UInt8], generation: Int64 = 7) throws -> ObjectInfo {
  ObjectInfo(
    name: try path(name), generation: generation, bytes: Int64(bytes.count), crc32c: CRC32C.of(bytes),
    createdAt: try Timestamp(parsing: "2026-01-05T10:15:00.123Z"), metadata: ["sha256": "00"])
}

let missing = #"{"error":{"code":404,"message":"No such object: models/x","errors":[{"reason":"notFound"}]}}"#
let notHeld =
  #"{"error":{"code":412,"message":"At least one of the pre-conditions you specified did not hold.","#
  + #""errors":[{"reason":"conditionNotMet"}]}}"#

/// The error that a call throws, as the user reads it; nil when it succeeds.
func failure<Answer>(of call: () throws -> Answer) -> RegistryError? {
  do {
    _ = try call()
    return nil
  } catch let error as RegistryError {
    return error
  } catch {
    Issue.record(error)
    return nil
  }
}

/// A folder of its own, removed afterwards.
func withFolder<Answer>(_ body: (String) throws -> Answer) throws -> Answer {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cloud-\(UUID().uuidString)")
    .path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}
