import Foundation
import Glibc
import GoogleCloud
import RegistryModel
import Testing

/// The emulator fake-gcs-server, where it is installed: `FAKE_GCS_SERVER` names it, or it lies in `.build/peers`.
///
/// It is right about multipart uploads with a precondition, lists with pages, ranges and pinned generations.
final class FakeGCS {
  private let process: Process
  let base: String

  /// nil, and a line that says so, where the program isn't there.
  static func start() throws -> FakeGCS? {
    guard let program = find() else {
      print("fake-gcs-server isn't here (FAKE_GCS_SERVER, .build/peers): its test is skipped")
      return nil
    }
    return try FakeGCS(program)
  }

  private static func find() -> String? {
    if let path = ProcessInfo.processInfo.environment["FAKE_GCS_SERVER"], !path.isEmpty { return path }
    let peers = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../.build/peers").standardized.path
    let found = FileManager.default.enumerator(atPath: peers)?.compactMap { $0 as? String } ?? []
    #if arch(arm64)
      let suffix = "linux-arm64"
    #else
      let suffix = "linux-amd64"
    #endif
    return found.first { $0.hasSuffix("fake-gcs-server-\(suffix)") }.map { "\(peers)/\($0)" }
  }

  private init(_ program: String) throws {
    // A port that was free a moment ago.
    let probe = try ScriptedServer { _, _, exchange in exchange.hangUp() }
    let port = probe.port
    probe.stop()
    base = "http://127.0.0.1:\(port)"
    process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = [
      "-scheme", "http", "-backend", "memory", "-host", "127.0.0.1", "-port", "\(port)", "-external-url",
      base,
      "-public-host", "127.0.0.1:\(port)",
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let http = HTTPClient(try HTTPConfiguration())
    var request = HTTPRequest(
      .post, try HTTPAddress(parsing: "\(base)/storage/v1/b"), body: .bytes(Array(#"{"name":"models"}"#.utf8))
    )
    request.headers.set("Content-Type", "application/json")
    var tries = 0
    while (try? http.perform(request).status) != 200 {
      tries += 1
      try #require(tries < 200, "fake-gcs-server doesn't answer")
      usleep(50_000)
    }
  }

  func client(_ uri: String = "gs://models/shared", uploads: UploadSizes = UploadSizes()) throws
    -> StorageClient
  {
    let http = HTTPClient(try HTTPConfiguration())
    return StorageClient(
      try BucketLocation(parsing: uri),
      endpoint: try StorageEndpoint(environment: ["STORAGE_EMULATOR_HOST": base]),
      http: http, credentials: .anonymous, sessions: nil, retry: RetryPolicy(),
      clock: .system(http.cancellation), uploads: uploads)
  }

  deinit {
    // The test's threads block SIGTERM, and so does a child.
    guard process.processIdentifier > 0 else { return }  // it never ran, and 0 is all of us
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}
