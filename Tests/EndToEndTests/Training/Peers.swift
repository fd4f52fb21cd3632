import Foundation
import Glibc
import TestSupport
import Testing

/// A server of somebody else's on a free port, ended with the test.
final class PeerServer {
  let port: Int
  private let child: Child

  /// - Parameter words: the program and its arguments on a port.
  init(_ name: String, _ words: (Int) -> [String]) throws {
    port = try LocalPort.free()
    child = try Child(words(port), environment: Program.environment)
    let end = Date(timeIntervalSinceNow: 60)
    while !Self.answers(port) {
      try #require(Date() < end, "\(name) doesn't answer")
      usleep(50_000)
    }
  }

  /// A child that nobody waits for would keep the runner from seeing the end of others.
  deinit {
    kill(child.process, SIGKILL)
    _ = try? child.wait()
  }

  private static func address(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    address.sin_port = in_port_t(port).bigEndian
    return address
  }

  private static func answers(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = address(port)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}

/// Programs that tests use where they are installed.
enum Peers {
  private static let tree = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
    .standardized.path(percentEncoded: false)

  private static let scratch = ProcessInfo.processInfo.environment["SCRATCH"] ?? "\(tree)/.build"

  static let folder = "\(tree)/.build/peers"
  static let trainer = "\(tree)/tools/trainer"
  /// Python with what the trainer needs, as tools/bootstrap installs it.
  static let python = "\(scratch)/trainer/bin/python"
  static let hasTrainer = access(python, X_OK) == 0
  static let trainerReason: Comment =
    "SKIPPED, NOT TESTED: the trainer's packages aren't installed (tools/bootstrap test)"

  /// fake-gcs-server out of its wheel.
  static let fakeGCS: String? = {
    #if arch(arm64)
      let name = "fake-gcs-server-linux-arm64"
    #else
      let name = "fake-gcs-server-linux-amd64"
    #endif
    let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return files.first { $0.hasSuffix(name) }.map { "\(folder)/\($0)" }
  }()

  /// The official emulator of Firestore.
  static let firestoreJar = inCloudCLI("cloud-firestore-emulator/cloud-firestore-emulator.jar")
  /// The official emulator of Pub/Sub.
  static let pubsub = inCloudCLI("pubsub-emulator/bin/cloud-pubsub-emulator")

  /// A file of the Google Cloud CLI's emulators, where they are installed.
  private static func inCloudCLI(_ name: String) -> String? {
    guard let outcome = try? Program.run(["gcloud", "info", "--format=value(installation.sdk_root)"]),
      let root = outcome.out.split(separator: "\n").last
    else { return nil }
    let path = "\(root)/platform/\(name)"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  static let hasCloud = hasTrainer && fakeGCS != nil && firestoreJar != nil
  static let cloudReason: Comment =
    "SKIPPED, NOT TESTED: needs the trainer's packages, fake-gcs-server and the official Firestore emulator"
}
