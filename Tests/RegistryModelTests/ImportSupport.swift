import Foundation
import RegistryModel
import Testing

/// A source as an import finds it; digests are made up, as nothing here computes one.
struct MadeSource {
  var name = "source"
  private(set) var files: [Manifest.File] = []
  private(set) var documents: [RelativePath: [UInt8]] = [:]

  init(name: String = "source") { self.name = name }

  /// Adds a file whose digest has 32 times this byte.
  mutating func add(_ path: String, _ byte: UInt8, bytes: Int64 = 10) throws {
    files.append(Manifest.File(path: try RelativePath(parsing: path), digest: try digest(byte), bytes: bytes))
  }

  mutating func add(document path: String, _ text: String) throws {
    let path = try RelativePath(parsing: path)
    files.append(Manifest.File(path: path, digest: try digest(0xd0), bytes: Int64(text.utf8.count)))
    documents[path] = Array(text.utf8)
  }

  mutating func drop(_ path: String) { files.removeAll { $0.path.text == path } }

  func plans(isFile: Bool = false) throws(RegistryError) -> [ImportPlan] {
    try ImportPlan.all(
      in: ImportSource(name: name, isFile: isFile, files: files, documents: documents))
  }

  func plan() throws -> ImportPlan {
    let plans = try plans()
    return try #require(plans.count == 1 ? plans.first : nil)
  }
}

/// Digits as other programs write them.
func hex(_ byte: UInt8) throws -> String { try digest(byte).hex }

extension MadeSource {
  /// `adapters/robot_001_v4` of the registry plan, or another with these fields instead.
  static func plan02(_ fields: [String: String] = [:]) throws -> MadeSource {
    var all = [
      "model_id": "\"adapters/robot_001\"", "version": "\"v4\"", "model_type": "\"adapter\"",
      "created_at": "\"2026-01-05T10:15:00Z\"", "framework": "\"jax\"", "hardware_targets": "[\"pi5\"]",
      "param_count": "1200", "checksum": "\"sha256:\(try hex(1))\"",
      "files":
        "[{\"name\":\"lora_adapters.npz\",\"size\":10,\"checksum\":\"sha256:\(try hex(1))\"}]",
      "training_info": "{\"episodes_used\":16,\"final_loss\":0.0234,\"source_robot\":\"robot_001\"}",
      "compatibility": "{\"min_brain_version\":\"1.0.0\",\"required_deps\":[]}",
    ]
    all.merge(fields) { $1 }
    var source = MadeSource()
    try source.add("lora_adapters.npz", 1)
    try source.add(document: "manifest.json", text(all))
    return source
  }

  static func edge(_ fields: [String: String] = [:]) throws -> MadeSource {
    var all = [
      "version": "\"v2\"", "model_name": "\"robot_001\"",
      "artifacts": "{\"base\":\"base.tflite\",\"npu\":\"npu/model.hef\"}",
      "checksums": "{\"base_sha256\":\"\(try hex(1))\",\"npu_sha256\":\"\(try hex(2).uppercased())\"}",
      "signature": "\"c2lnbmVk\"", "created_at_unix_ms": "1767608100000",
    ]
    all.merge(fields) { $1 }
    var source = MadeSource()
    try source.add("base.tflite", 1)
    try source.add("npu/model.hef", 2)
    try source.add(document: "edge_manifest.json", text(all))
    return source
  }

  static func export(_ fields: [String: String] = [:]) throws -> MadeSource {
    var all = [
      "format": "\"continuonbrain_export\"", "version": "\"1.0\"",
      "created": "\"2026-01-05T10:15:00.123456\"", "source": "\"gpu_training\"",
      "files": "[{\"name\":\"model.npz\",\"size\":10}]", "config": "{\"lr\":0.1}",
    ]
    all.merge(fields) { $1 }
    var source = MadeSource()
    try source.add("model.npz", 1)
    try source.add(document: "export_manifest.json", text(all))
    return source
  }

  static func cloud(_ fields: [String: String] = [:]) throws -> MadeSource {
    var all = [
      "model_type": "\"wavecore\"", "checkpoint_path": "\"/opt/dev/out/checkpoint.pkl\"",
      "config": "{\"steps\":500, \"lr\":1e-3}", "format": "\"pickle\"",
      "exported_at": "\"2026-01-05T10:15:00\"",
    ]
    all.merge(fields) { $1 }
    var source = MadeSource(name: "job_9f2c")
    try source.add("model.pkl", 1)
    try source.add(document: "model_manifest.json", text(all))
    return source
  }

  static func ota(list: String? = nil, _ fields: [String: String] = [:]) throws -> MadeSource {
    var all = ["model_id": "\"seed\"", "version": "\"v1.2.0\"", "model_type": "\"release\""]
    all.merge(fields) { $1 }
    var source = MadeSource()
    try source.add("seed_model.npz", 1)
    try source.add("adapters/robot_001/lora_adapters.npz", 2)
    try source.add("config/model_config.json", 3)
    try source.add(document: "manifest.json", text(all))
    let whole = """
      \(try hex(1))  seed_model.npz
      \(try hex(2).uppercased())  adapters/robot_001/lora_adapters.npz
      \(try hex(3))  config/model_config.json
      \(try hex(0xd0))  manifest.json

      """
    try source.add(document: "CHECKSUMS.sha256", list ?? whole)
    return source
  }

  private static func text(_ fields: [String: String]) -> String {
    "{" + fields.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ",\n ")
      + "}"
  }
}
