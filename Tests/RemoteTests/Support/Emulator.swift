import Foundation
import Glibc
import GoogleCloud
import RegistryModel
import TestSupport
import Testing

/// Somebody else's emulator of Cloud Storage, as a process on a free port, and what it is known to be wrong about.
final class Emulator: Sendable {
  struct Kind: Sendable, CustomTestStringConvertible {
    let name: String
    let program: @Sendable (String) -> Bool
    let arguments: @Sendable (Int) -> [String]
    /// What it gets wrong; cases that need that are left out, and said so.
    let lacks: Set<ObjectStoreCase.Need>

    var testDescription: String { name }

    static let all = [fakeGCSServer, gcpStorageEmulator]

    /// Ignores preconditions on resumable uploads, copies and deletions.
    static let fakeGCSServer = Kind(
      name: "fake-gcs-server",
      program: { path in
        #if arch(arm64)
          path.hasSuffix("fake-gcs-server-linux-arm64")
        #else
          path.hasSuffix("fake-gcs-server-linux-amd64")
        #endif
      },
      arguments: { port in
        [
          "-scheme", "http", "-backend", "memory", "-host", "127.0.0.1", "-port", "\(port)", "-external-url",
          "http://127.0.0.1:\(port)", "-public-host", "127.0.0.1:\(port)",
        ]
      },
      lacks: [.createOnlyLarge, .createOnlyCopies, .removeByGeneration, .pagesOfFolders])

    /// Knows no preconditions and no pages.
    static let gcpStorageEmulator = Kind(
      name: "gcp-storage-emulator", program: { $0 == "bin/gcp-storage-emulator" },
      arguments: { ["start", "--host", "127.0.0.1", "--port", "\($0)", "--in-memory"] },
      lacks: Set(ObjectStoreCase.Need.allCases).subtracting([.checksums]))
  }

  private let process: Process
  let base: String
  let bucket = "test-models"

  /// Nil, and a line that says so, where the program isn't there.
  static func start(_ kind: Kind) throws -> Emulator? {
    let peers = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../.build/peers")
      .standardized.path(percentEncoded: false)
    let files = FileManager.default.enumerator(atPath: peers)?.compactMap { $0 as? String } ?? []
    guard let program = files.first(where: kind.program) else {
      print("\(kind.name) isn't in .build/peers: its tests are skipped")
      return nil
    }
    return try Emulator(kind, "\(peers)/\(program)")
  }

  private init(_ kind: Kind, _ program: String) throws {
    let port = try LocalPort.free()
    base = "http://127.0.0.1:\(port)"
    process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = kind.arguments(port)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    var request = HTTPRequest(
      .post, try HTTPAddress(parsing: "\(base)/storage/v1/b?project=test"),
      body: .bytes(Array(#"{"name":"\#(bucket)"}"#.utf8)))
    request.headers.set("Content-Type", "application/json")
    let http = HTTPClient(try HTTPConfiguration())
    var tries = 0
    while (try? http.perform(request).status) != 200 {
      tries += 1
      try #require(tries < 400, "\(kind.name) doesn't answer")
      usleep(25_000)
    }
  }

  deinit {
    guard process.processIdentifier > 0 else { return }  // it never ran, and 0 is all of us
    kill(process.processIdentifier, SIGKILL)  // one of them waits for its connections at a SIGTERM
    process.waitUntilExit()
  }

  var environment: [String: String] { ["STORAGE_EMULATOR_HOST": base] }

  func client(_ prefix: String) throws -> StorageClient {
    try StorageClient.open(
      BucketLocation(parsing: "gs://\(bucket)/\(prefix)"), environment: environment,
      http: HTTPClient(HTTPConfiguration()))
  }
}
