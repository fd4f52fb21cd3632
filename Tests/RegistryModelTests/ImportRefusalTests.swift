import RegistryModel
import Testing

/// Nothing becomes a plan that is not vouched for.
@Suite struct ImportRefusalTests {
  private func refused(
    _ source: MadeSource, _ words: String, at location: SourceLocation = #_sourceLocation
  ) {
    let error = refusal(sourceLocation: location) { () throws(RegistryError) in try source.plans() }
    #expect(error?.code == .integrity, sourceLocation: location)
    #expect(
      words.isEmpty || error?.message.contains(words) == true, "\(error?.message ?? "")",
      sourceLocation: location)
    #expect(error?.unchanged == "no version was made", sourceLocation: location)
  }

  @Test(arguments: [
    ("model_type", "\"backbone\"", "model_type"), ("model_type", "null", "model_type"),
    ("version", "\"a b\"", "version"), ("version", "1.5", "version"), ("version", "0", "version"),
    ("version", "\"v5\"", "model_id"), ("created_at", "\"yesterday\"", "created_at"),
    ("framework", "7", "framework"), ("checksum", "\"\"", "checksum"),
    ("checksum", "\"sha256:12\"", "checksum"),
    ("checksum", "\"md5:d41d8cd98f00b204e9800998ecf8427e\"", "checksum"),
    ("files", "{}", "files"), ("files", "[{\"size\":10}]", "files[0].name"),
    ("files", "[{\"name\":\"lora_adapters.npz\",\"size\":\"10\"}]", "files[0].size"),
    ("files", "[{\"name\":\"lora_adapters.npz\",\"size\":11}]", "has 10 bytes"),
    ("files", "[{\"name\":\"../lora_adapters.npz\",\"size\":10}]", ".. component"),
    ("files", "[{\"name\":\"/lora_adapters.npz\",\"size\":10}]", "absolute"),
    ("files", "[{\"name\":\"other.npz\",\"size\":10}]", "other.npz"),
    ("files", "[{\"name\":\"lora_adapters.npz\"},{\"name\":\"lora_adapters.npz\"}]", "twice"),
    ("training_info", "[]", "training_info"), ("training_info", "{\"final_loss\":\"low\"}", "final_loss"),
    ("framework", "\"<fill-after-export>\"", "framework"),
    ("compatibility", "{\"required_deps\":[\"jax\",\"REPLACE_ME\"]}", "compatibility.required_deps[1]"),
    ("training_info", "{\"source_robot\":\"TODO: name\"}", "training_info.source_robot"),
    ("framework", "\"changeme\"", "placeholder"),
    (
      "checksum", "\"sha256:0000000000000000000000000000000000000000000000000000000000000000\"", "placeholder"
    ),
  ])
  func `a manifest of the registry plan`(field: String, value: String, words: String) throws {
    let id = field == "version" && value.contains("v5") ? ["model_id": "\"robot_001_v4\""] : [:]
    refused(try .plan02([field: value].merging(id) { $1 }), words)
  }

  @Test func `wrong, missing and stray digests and files`() throws {
    let other = "[{\"name\":\"lora_adapters.npz\",\"size\":10,\"checksum\":\"\(try hex(2))\"}]"
    refused(try .plan02(["files": other, "checksum": "null"]), "digest")
    refused(try .plan02(["checksum": "\"\(try hex(2))\""]), "another digest")
    let bare = "[{\"name\":\"lora_adapters.npz\",\"size\":10}]"
    refused(try .plan02(["files": bare, "checksum": "null"]), "nothing says which digest")
    var stray = try MadeSource.plan02()
    try stray.add("extra.bin", 7)
    refused(stray, "nobody vouches for \"extra.bin\"")
    var missing = try MadeSource.plan02()
    missing.drop("lora_adapters.npz")
    refused(missing, "\"lora_adapters.npz\" is missing")
    var two = try MadeSource.plan02([
      "files":
        "[{\"name\":\"lora_adapters.npz\",\"checksum\":\"\(try hex(1))\"},{\"name\":\"b\",\"checksum\":\"\(try hex(2))\"}]",
      "checksum": "\"\(try hex(9))\"",
    ])
    try two.add("b", 2)
    refused(two, "digest of none of the files")
    var listed = try MadeSource.plan02()
    try listed.add(document: "checksum.sha256", "\(try hex(9))  lora_adapters.npz\n")
    refused(listed, "another digest")
  }

  @Test(arguments: [
    "0101  seed_model.npz", "  ", "seed_model.npz", "*  seed_model.npz",
    "0101010101010101010101010101010101010101010101010101010101010101 seed_model.npz",
    "0000000000000000000000000000000000000000000000000000000000000000  seed_model.npz",
    "0101010101010101010101010101010101010101010101010101010101010101  ../seed_model.npz",
    "0101010101010101010101010101010101010101010101010101010101010101  seed_model.npz\r",
    "",
  ])
  func `a checksum list that is malformed, unsafe or incomplete`(list: String) throws {
    let error = refusal { () throws(RegistryError) in try madePlans(list) }
    #expect(error?.code == .integrity)
  }

  private func madePlans(_ list: String) throws(RegistryError) -> [ImportPlan] {
    guard let source = try? MadeSource.ota(list: list + "\n") else { return [] }
    return try source.plans()
  }

  @Test(arguments: [
    ("artifacts", "{\"base\":\"base.tflite\"}"),
    ("artifacts", "{\"base\":\"base.tflite\",\"npu\":\"gone.hef\"}"),
    ("artifacts", "{\"base\":\"<fill-after-export>\",\"npu\":\"npu/model.hef\"}"), ("artifacts", "[]"),
    ("artifacts", "{\"base\":7}"), ("checksums", "{}"),
    ("checksums", "{\"base_sha256\":\"\",\"npu_sha256\":\"\"}"),
    ("signature", "\"<signed-by-release>\""), ("created_at_unix_ms", "-1"), ("version", "\"\""),
    ("artifacts", "{\"base\":\"base.tflite\",\"npu\":\"../model.hef\"}"),
  ])
  func `an edge manifest`(field: String, value: String) throws {
    refused(try .edge([field: value]), "")
  }

  @Test(arguments: [
    ("format", "\"other\""), ("files", "[{\"name\":\"model.npz\",\"size\":11}]"),
    ("files", "[{\"name\":\"model.npz\"}]"), ("files", "[]"), ("files", "null"), ("created", "\"x\""),
    ("config", "{\"note\":\"REPLACE_ME\"}"), ("files", "[{\"name\":\"model.npz\",\"size\":-1}]"),
  ])
  func `an export's manifest`(field: String, value: String) throws {
    refused(try .export([field: value]), "")
  }

  @Test func `a cloud job's folder`() throws {
    var empty = try MadeSource.cloud()
    empty.drop("model.pkl")
    refused(empty, "\"model.pkl\" is missing")
    var stray = try MadeSource.cloud()
    try stray.add("run.sh", 7)
    refused(stray, "nobody vouches for \"run.sh\"")
    refused(try .cloud(["exported_at": "true"]), "exported_at")
  }

  @Test(arguments: ["{\"a\":1,\"a\":2}", "{\"a\":NaN}", "[]", "{", "", "{}{}", "{\"a\":\"\\ud800\"}"])
  func `a document that two readers could read differently`(text: String) throws {
    var source = MadeSource()
    try source.add("model.pkl", 1)
    try source.add(document: "model_manifest.json", text)
    refused(source, "model_manifest.json")
  }

  @Test func `two layouts in one place, and none at all`() throws {
    var source = try MadeSource.plan02()
    try source.add(document: "edge_manifest.json", "{}")
    refused(source, "lie together")
    var none = MadeSource()
    try none.add("a.bin", 1)
    #expect(refusal { () throws(RegistryError) in try none.plans() }?.code == .usage)
  }

  @Test(arguments: [
    ("\"2026-01-05T10:15:00Z\"", "2026-01-05T10:15:00.000Z"),
    ("\"2026-01-05T10:15:00+01:30\"", "2026-01-05T08:45:00.000Z"),
    ("\"2026-01-05T10:15:00.5-08:00\"", "2026-01-05T18:15:00.500Z"),
    ("\"2026-01-05T10:15:00.123456\"", "2026-01-05T10:15:00.123Z"),
    ("\"2026-01-05 10:15:00\"", "2026-01-05T10:15:00.000Z"), ("1767608100000", "2026-01-05T10:15:00.000Z"),
  ])
  func `times come in several spellings`(text: String, time: String) throws {
    #expect(try MadeSource.plan02(["created_at": text]).plan().createdAt?.description == time)
  }
}
