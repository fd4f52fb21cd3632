import Foundation
@testable import ModelRegistry

/// A model in a layout of others, with the digests of its real bytes.
public struct ForeignModel: Sendable {
  /// By path.
  public var files: [(path: String, bytes: [UInt8])] = []

  public init() {}

  public mutating func add(_ path: String, _ text: String) { files.append((path, Array(text.utf8))) }

  public static func hex(_ text: String) throws -> String { try Digest.sha256(of: Array(text.utf8)).hex }

  /// `adapters/robot_001_vN` of the registry plan.
  public static func plan02(
    _ content: String, id: String = "adapters/robot_001", version: String = "v4", type: String = "adapter"
  ) throws -> ForeignModel {
    let digest = try hex("weights of \(content)")
    var model = ForeignModel()
    model.add("lora_adapters.npz", "weights of \(content)")
    model.add(
      "manifest.json",
      """
      {
        "model_id": "\(id)", "version": "\(version)", "model_type": "\(type)",
        "created_at": "2026-01-05T10:15:00Z", "framework": "jax", "checksum": "sha256:\(digest)",
        "files": [{"name": "lora_adapters.npz", "size": \(11 + content.utf8.count), "checksum": "\(digest)"}],
        "training_info": {"episodes_used": 16, "final_loss": 0.0234}
      }
      """)
    return model
  }

  /// `seed/v1.0.0` of the registry plan, with its checksum list.
  public static func seed(_ content: String, version: String = "v1.0.0") throws -> ForeignModel {
    var model = ForeignModel()
    model.add("seed_model.npz", content)
    model.add("checksum.sha256", "\(try hex(content))  seed_model.npz\n")
    model.add(
      "manifest.json", "{\"model_id\":\"seed\",\"version\":\"\(version)\",\"model_type\":\"seed\"}")
    return model
  }

  public static func cloud(_ content: String) -> ForeignModel {
    var model = ForeignModel()
    model.add("model.pkl", content)
    model.add(
      "model_manifest.json",
      """
      {"model_type":"wavecore","checkpoint_path":"/srv/out/checkpoint.pkl","config":{"steps": 500},
       "format":"pickle","exported_at":"2026-01-05T10:15:00"}
      """)
    return model
  }

  public static func ota(_ content: String) throws -> ForeignModel {
    var model = ForeignModel()
    model.add("seed_model.npz", content)
    model.add("adapters/robot_001/lora_adapters.npz", "adapter")
    model.add("config/model_config.json", "{\"rank\":8}")
    model.add("manifest.json", "{\"model_id\":\"seed\",\"version\":\"v1.2.0\",\"model_type\":\"release\"}")
    let lines = try model.files.map { "\(try Digest.sha256(of: $0.bytes).hex.uppercased())  \($0.path)\n" }
    model.add("CHECKSUMS.sha256", lines.joined())
    return model
  }

  public static func edge(_ content: String) throws -> ForeignModel {
    var model = ForeignModel()
    model.add("base.tflite", content)
    model.add(
      "edge_manifest.json",
      """
      {"version":"v2","model_name":"robot_001","artifacts":{"base":"base.tflite"},
       "checksums":{"base_sha256":"\(try hex(content))"},"created_at_unix_ms":1767608100000}
      """)
    return model
  }

  public static func export(_ content: String) -> ForeignModel {
    var model = ForeignModel()
    model.add("model.npz", content)
    model.add(
      "export_manifest.json",
      """
      {"format":"continuonbrain_export","version":"1.0","created":"2026-01-05T10:15:00.123456",
       "source":"gpu_training","files":[{"name":"model.npz","size":\(content.utf8.count)}],"config":{}}
      """)
    return model
  }

  /// The same under a folder.
  public func moved(into folder: String) -> ForeignModel {
    var model = ForeignModel()
    model.files = files.map { ("\(folder)/\($0.path)", $0.bytes) }
    return model
  }

  public func bytes(_ path: String) -> [UInt8]? { files.first { $0.path == path }?.bytes }

  public var archive: MadeArchive {
    MadeArchive(files.map { MadeArchive.Entry($0.path, $0.bytes) })
  }

  /// Writes it as a folder.
  public func write(to folder: String) throws {
    for file in files {
      let path = "\(folder)/\(file.path)"
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try Data(file.bytes).write(to: URL(filePath: path))
    }
  }

  /// Writes it as a folder, and returns its path.
  public func write(_ name: String, in scratch: Scratch) throws -> String {
    for file in files { try scratch.write("\(name)/\(file.path)", file.bytes) }
    return scratch(name)
  }

  /// Writes it as an archive whose ending tells the format, and returns its path.
  public func write(archive name: String, in scratch: Scratch) throws -> String {
    try archive.write(name, in: scratch)
  }
}

extension MadeArchive {
  /// Writes `.zip`, `.tar` or `.tar.gz`, and returns its path.
  public func write(_ name: String, in scratch: Scratch) throws -> String {
    if name.hasSuffix(".zip") { return try scratch.write(name, zip) }
    return try scratch.write(name, name.hasSuffix(".gz") ? Self.gzipped(tar, in: scratch) : tar)
  }
}
