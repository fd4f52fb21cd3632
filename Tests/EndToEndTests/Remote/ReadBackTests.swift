import CloudSimulator
import Foundation
import RegistryModel
import TestSupport
import Testing

/// What `push` wrote is read back by clients that know nothing of us.
@Suite("Read back by others") struct ReadBackTests {
  private static let peers = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../.build/peers").standardized.path(percentEncoded: false)
  private static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Clients/read_back.py").path(percentEncoded: false)

  private func pushed() throws -> (bench: CloudBench, store: SharedStore) {
    let bench = try CloudBench()
    let store = try bench.store("left")
    // Small files go up in one request, and large ones in a session.
    let large = (0..<(9 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 131) }
    try store.store.scratch.write("source/weights.bin", large)
    try store.store.scratch.write("source/config/model.json", "{\"rank\":8}")
    try store.run("publish", "robot_001", store.store.scratch("source"))
    try store.run("push", "robot_001_v1", "--plain")
    try store.run("channel", "set", "stable", "robot_001_v1")
    return (bench, store)
  }

  /// The folder has what was published, and its checksums hold.
  private func expect(_ folder: String, holdsWhatCameFrom store: SharedStore) throws {
    let version = "\(folder)/models/adapters/robot_001_v1"
    for name in ["weights.bin", "config/model.json"] {
      let source = store.store.scratch("source/\(name)")
      #expect(FileManager.default.contentsEqual(atPath: "\(version)/\(name)", andPath: source))
    }
    let check = try Program.run(["sh", "-c", "cd '\(version)' && sha256sum -c --strict checksum.sha256"])
    #expect(check.code == 0, "\(check.out)\(check.err)")
    let manifest = try JSONValue(
      parsing: [UInt8](Data(contentsOf: URL(filePath: "\(version)/manifest.json"))))
    #expect(manifest["adapter"]?.asString == "robot_001")
  }

  @Test func `by rclone`() throws {
    let here = try? Program.run(["sh", "-c", "command -v rclone"])
    guard here?.code == 0 else { return print("rclone isn't here: its test is skipped") }
    let (bench, store) = try pushed()
    let folder = store.store.scratch("rclone")
    let settings = try store.store.scratch.write(
      "rclone.conf",
      """
      [simulated]
      type = google cloud storage
      anonymous = true
      endpoint = \(bench.simulator.url)/storage/v1/
      """)
    let copy = try Program.run([
      "rclone", "--config", settings, "--retries", "1", "copy", "simulated:test-models", folder,
    ])
    #expect(copy.code == 0, "\(copy.err)")
    let check = try Program.run([
      "rclone", "--config", settings, "--retries", "1", "check", "simulated:test-models", folder,
    ])
    #expect(check.code == 0, "\(check.err)")
    try expect(folder, holdsWhatCameFrom: store)
  }

  @Test func `by google-cloud-storage`() throws {
    let python = "\(Self.peers)/bin/python"
    guard FileManager.default.isExecutableFile(atPath: python) else {
      return print("google-cloud-storage isn't in .build/peers: its test is skipped")
    }
    let (bench, store) = try pushed()
    let folder = store.store.scratch("python")
    let outcome = try Program.run(
      [python, Self.script, "test-models", folder], environment: bench.environment)
    #expect(outcome.code == 0, "\(outcome.err)")
    #expect(outcome.out.contains("models/journal/"))
    try expect(folder, holdsWhatCameFrom: store)
  }
}
