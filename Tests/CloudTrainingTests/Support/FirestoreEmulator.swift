import Foundation
import Glibc
import GoogleCloud
import RegistryModel
import Synchronization
import TestSupport
import Testing

/// The official emulator of Firestore, as a process on a free port, where it is installed.
final class FirestoreEmulator: Sendable {
  private let process: Process
  private let port: Int
  static let project = "emulated"

  /// Nil, and a line that says so, where it isn't there.
  static func start() throws -> FirestoreEmulator? {
    guard let java = Peer.find("java"), let gcloud = Peer.find("gcloud"),
      let root = try Peer.run(gcloud, ["info", "--format=value(installation.sdk_root)"])
        .split(separator: "\n").last
    else { return skip() }
    let jar = "\(root)/platform/cloud-firestore-emulator/cloud-firestore-emulator.jar"
    guard FileManager.default.fileExists(atPath: jar) else { return skip() }
    return try FirestoreEmulator(java, jar)
  }

  private static func skip() -> FirestoreEmulator? {
    print(
      "the official Firestore emulator skipped: the Google Cloud CLI has no cloud-firestore-emulator here")
    return nil
  }

  private init(_ java: String, _ jar: String) throws {
    port = try LocalPort.free()
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(filePath: java)
    process.arguments = [
      "-cp", jar, "com.google.cloud.datastore.emulator.firestore.CloudFirestore", "start",
      "--host=127.0.0.1", "--port=\(port)",
    ]
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    self.process = process
    // It says when it is ready; what it says later is read as well, so that it never waits for a reader.
    let isReady = Mutex(false)
    let said = DispatchSemaphore(value: 0)
    let reading = output.fileHandleForReading
    Thread.detachNewThread {
      var text = ""
      while case let piece = reading.availableData, !piece.isEmpty {
        guard !isReady.withLock({ $0 }) else { continue }
        text += String(decoding: piece, as: UTF8.self)
        if text.contains("is now running") {
          isReady.withLock { $0 = true }
          said.signal()
        }
      }
      said.signal()
    }
    _ = said.wait(timeout: .now() + 60)
    try #require(isReady.withLock { $0 }, "the emulator doesn't start")
  }

  deinit {
    // The test's threads block SIGTERM, and so does a child.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  var base: String { "http://127.0.0.1:\(port)" }

  /// A collection of its own for each.
  func stage(_ collection: String) throws -> JobStage {
    let project = try ProjectID(parsing: Self.project)
    let store = try FirestoreJobStore.open(
      project, collection: collection, environment: ["FIRESTORE_EMULATOR_HOST": "127.0.0.1:\(port)"],
      http: HTTPClient(HTTPConfiguration()))
    return JobStage(
      store: store,
      others: FirestoreForeignJobs(
        base: base, root: "projects/\(project)/databases/(default)/documents",
        collection: collection))
  }
}
