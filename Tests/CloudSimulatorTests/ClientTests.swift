import CloudSimulator
import Foundation
import RegistryModel
import Testing

/// What real clients make of the simulator.
@Suite(.serialized) final class ClientTests {
  private let folder: String
  private let simulator: Simulator

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "cloud-clients-\(UUID())").path
    try FileManager.default.createDirectory(atPath: "\(folder)/src/sub", withIntermediateDirectories: true)
    var options = StorageOptions()
    options.rewriteBytesPerCall = 3
    simulator = Simulator(buckets: ["models"], options: options)
    try simulator.start()
  }

  deinit {
    simulator.stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(filePath: "\(folder)/src/\(name)"))
  }

  @Test func `google-cloud-storage for Python`() async throws {
    guard let python = Peer.python else {
      return Peer.skip("google-cloud-storage", lacking: "its virtual environment")
    }
    let script = "\(Peer.root)/Tests/CloudSimulatorTests/Clients/google_cloud_storage.py"
    let run = try await Peer.run(python, [script, simulator.url, "models"], in: folder)
    #expect(run.status == 0, "\(run.output)")
    #expect(run.output.hasSuffix("all steps passed\n"), "\(run.output)")
    #expect(run.output.contains("ok: rewrite in 2 call(s)"))
    let chunks = simulator.requests.filter { $0.kind == .putChunk }.compactMap(\.contentRange)
    #expect(chunks.contains { $0.hasSuffix("/*") })
    #expect(chunks.contains { $0.hasPrefix("bytes 0-") && !$0.hasSuffix("/*") })
  }

  /// What goes wrong must look to a client as if the service did it: one that retries gets through.
  @Test(arguments: [
    Fault(.answer(FaultAnswer(503)), on: .putChunk, skip: 1),
    Fault(.closeRequest(afterBytes: 300_000), on: .putChunk, skip: 1),
    Fault(.dropResponse, on: .putChunk, skip: 1), Fault(.dropResponse, on: .putChunk, skip: 9),
    Fault(.doThenAnswer(FaultAnswer(502)), on: .putChunk, skip: 9), Fault(.dropResponse, on: .startSession),
    Fault(.closeResponse(afterBytes: 300_000), on: .media),
    Fault(.answer(FaultAnswer(429, retryAfterSeconds: 1)), on: .media),
  ]) func `google-cloud-storage gets through what goes wrong`(fault: Fault) async throws {
    guard let python = Peer.python else {
      return Peer.skip("google-cloud-storage with faults", lacking: "its virtual environment")
    }
    simulator.faults.add(fault)
    let script = "\(Peer.root)/Tests/CloudSimulatorTests/Clients/google_cloud_storage_retries.py"
    let run = try await Peer.run(python, [script, simulator.url, "models"], in: folder)
    #expect(run.output == "up and down\n")
    #expect(simulator.faults.happenedCount == 1)
  }

  @Test func `google-cloud-storage notices bytes that change on the wire`() async throws {
    guard let python = Peer.python else {
      return Peer.skip("google-cloud-storage with wrong bytes", lacking: "its virtual environment")
    }
    let script = "\(Peer.root)/Tests/CloudSimulatorTests/Clients/google_cloud_storage_retries.py"
    simulator.faults.add(Fault(.corruptRequest(atByte: 3), on: .putChunk, skip: 1))
    let up = try await Peer.run(python, [script, simulator.url, "models"], in: folder)
    #expect(up.output.contains("doesn't match calculated CRC32C"))
    #expect(simulator.state.objects(in: "models").isEmpty)
    simulator.faults.add(Fault(.corruptResponse(atByte: 3), on: .media))
    let down = try await Peer.run(python, [script, simulator.url, "models"], in: folder)
    #expect(down.output.contains("DataCorruption"))
  }

  @Test func `google-auth and rclone get tokens with a key file, and from the metadata server`() async throws
  {
    let account = try ServiceAccount(email: "robot@simulated.iam.gserviceaccount.com")
    simulator.cloud.issuer.register(account)
    simulator.cloud.requiresToken = true
    let key = "\(folder)/key.json"
    try Data(account.keyFile(tokenURL: "\(simulator.url)/token").canonicalBytes).write(to: URL(filePath: key))
    try simulator.state.put([1, 2, 3], as: "a", in: "models")
    if let python = Peer.python {
      let script = "\(Peer.root)/Tests/CloudSimulatorTests/Clients/google_auth.py"
      let host = simulator.url.replacing("http://", with: "")
      let run = try await Peer.run(
        python, [script, simulator.url, "models", key], in: folder, ["GCE_METADATA_HOST": host])
      #expect(run.status == 0, "\(run.output)")
      #expect(run.output.hasSuffix("all steps passed\n"), "\(run.output)")
      #expect(simulator.requests.contains { $0.kind == .token && $0.status == 200 })
    } else {
      Peer.skip("google-auth", lacking: "its virtual environment")
    }
    guard let program = Peer.rclone else { return Peer.skip("rclone with a key file", lacking: "rclone") }
    let settings =
      "[simulated]\ntype = gcs\nservice_account_file = \(key)\nendpoint = \(simulator.url)/storage/v1/\n"
    try Data(settings.utf8).write(to: URL(filePath: "\(folder)/rclone.conf"))
    let tokens = simulator.cloud.issuer.issuedCount
    let run = try await Peer.run(
      program, ["--config", "\(folder)/rclone.conf", "--retries", "1", "lsf", "simulated:models"], in: folder)
    #expect(run.output == "a\n")
    #expect(simulator.cloud.issuer.issuedCount == tokens + 1)
  }

  private func writeAnonymousRcloneSettings() throws {
    let settings = """
      [simulated]
      type = gcs
      anonymous = true
      bucket_policy_only = true
      endpoint = \(simulator.url)/storage/v1/

      """
    try Data(settings.utf8).write(to: URL(filePath: "\(folder)/rclone.conf"))
  }

  @Test func `rclone gets through what goes wrong`() async throws {
    guard let program = Peer.rclone else { return Peer.skip("rclone with faults", lacking: "rclone") }
    let data = pattern(40_000_000)
    try write("large", data)
    try writeAnonymousRcloneSettings()
    // Its chunks have 16 MiB, so there are three; the last answer is lost.
    simulator.faults.add(Fault(.answer(FaultAnswer(503)), on: .putChunk))
    simulator.faults.add(Fault(.closeRequest(afterBytes: 300_000), on: .putChunk, skip: 1))
    simulator.faults.add(Fault(.dropResponse, on: .putChunk, pathContains: "large", skip: 2))
    let run = try await Peer.run(
      program,
      [
        "--config", "\(folder)/rclone.conf", "--retries", "1", "copyto", "src/large",
        "simulated:models/large",
      ],
      in: folder)
    #expect(run.status == 0, "\(run.output)")
    #expect(simulator.faults.happenedCount == 3)
    #expect(try simulator.state.bytes(of: "large", in: "models") == data)
  }

  @Test func `rclone copies both ways, checks, lists and moves`() async throws {
    guard let program = Peer.rclone else { return Peer.skip("rclone", lacking: "rclone") }
    simulator.state.options.rewriteBytesPerCall = nil
    try write("large", pattern(20_000_000))
    try write("sub/small ä+%", [1, 2, 3])
    try write("empty", [])
    try writeAnonymousRcloneSettings()
    func rclone(_ arguments: String...) async throws -> String {
      let common = ["--config", "\(folder)/rclone.conf", "--retries", "1", "--low-level-retries", "1"]
      let run = try await Peer.run(program, common + arguments, in: folder)
      #expect(run.status == 0, "\(arguments): \(run.output)")
      return run.output
    }
    _ = try await rclone("copy", "src", "simulated:models/rc")
    #expect(simulator.requests.contains { $0.kind == .putChunk && $0.status == 200 })
    _ = try await rclone("check", "src", "simulated:models/rc")
    let list = try await rclone("lsf", "--recursive", "--files-only", "simulated:models/rc")
    #expect(list.split(separator: "\n").sorted() == ["empty", "large", "sub/small ä+%"])
    _ = try await rclone("copy", "simulated:models/rc", "back")
    _ = try await rclone("check", "src", "back")
    _ = try await rclone("moveto", "simulated:models/rc/large", "simulated:models/rc/moved")
    _ = try await rclone("delete", "simulated:models/rc/sub")
    #expect(simulator.state.objects(in: "models").map(\.name) == ["rc/empty", "rc/moved"])
  }

  @Test func `gcloud storage copies both ways, lists, describes and removes`() async throws {
    guard let gcloud = Peer.gcloud else {
      return Peer.skip("gcloud storage", lacking: "the Google Cloud CLI")
    }
    simulator.state.options.rewriteBytesPerCall = nil
    try write("large", pattern(20_000_000))
    try write("small", [1, 2, 3])
    // The CLI looks for a metadata server in any case, and by name unless it is told another.
    let host = simulator.url.replacing("http://", with: "")
    let environment = [
      "GCE_METADATA_HOST": host, "GCE_METADATA_IP": host, "GCE_METADATA_ROOT": host,
      "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": "\(simulator.url)/",
      "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
      "CLOUDSDK_CONFIG": "\(folder)/gcloud", "CLOUDSDK_CORE_PROJECT": "simulated",
      "CLOUDSDK_CORE_DISABLE_PROMPTS": "true", "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
      "CLOUDSDK_CORE_CHECK_GCE_METADATA": "false", "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "true",
      "CLOUDSDK_STORAGE_PROCESS_COUNT": "1",
    ]
    func storage(_ arguments: String..., status: Int32 = 0) async throws -> String {
      let run = try await Peer.run(gcloud, ["storage"] + arguments, in: folder, environment)
      #expect(run.status == status, "\(arguments): \(run.output)")
      return run.output
    }
    _ = try await storage("cp", "src/small", "src/large", "gs://models/gc/")
    #expect(try simulator.state.bytes(of: "gc/small", in: "models") == [1, 2, 3])
    #expect(simulator.requests.contains { $0.kind == .insertMultipart && $0.status == 200 })
    #expect(simulator.requests.contains { $0.kind == .putChunk && $0.status == 200 })
    let list = try await storage("ls", "gs://models/**")
    #expect(list.split(separator: "\n").map(String.init) == ["gs://models/gc/large", "gs://models/gc/small"])
    #expect(
      try await storage("objects", "describe", "gs://models/gc/small").contains("crc32c_hash: 8TDyHg=="))
    _ = try await storage("cp", "gs://models/gc/large", "large-again")
    #expect(
      FileManager.default.contentsEqual(atPath: "\(folder)/src/large", andPath: "\(folder)/large-again"))
    _ = try await storage("cp", "gs://models/gc/small", "gs://models/gc/copied")
    let again = try await storage(
      "cp", "--if-generation-match=0", "src/small", "gs://models/gc/small", status: 1)
    #expect(again.contains("412"))
    _ = try await storage("rm", "gs://models/gc/copied")
    #expect(simulator.state.objects(in: "models").map(\.name) == ["gc/large", "gc/small"])
  }
}
