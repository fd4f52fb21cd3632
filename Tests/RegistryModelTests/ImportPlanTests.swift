import RegistryModel
import Testing

@Suite struct ImportPlanTests {
  @Test func `a folder of the registry plan becomes the version that it says`() throws {
    let plan = try MadeSource.plan02().plan()
    #expect(plan.layout == .plan02 && plan.adapter?.text == "robot_001" && plan.number == 4)
    #expect(plan.originVersion == nil && plan.modelType == "adapter" && plan.framework == "jax")
    #expect(plan.createdAt?.description == "2026-01-05T10:15:00.000Z")
    #expect(plan.metrics == ["final_loss": 0.0234, "episodes_used": 16, "param_count": 1200])
    #expect(plan.files.map(\.path.text) == ["lora_adapters.npz"])
    #expect(try plan.files.map(\.digest) == [digest(1)] && plan.document == digest(0xd0))
    #expect(plan.jobID == nil)
  }

  @Test(arguments: [
    ("adapters/robot_001", "\"v4\"", 4), ("adapters/robot_001", "\"4\"", 4), ("robot_001", "4", 4),
    ("robot_001_v4", "\"v4\"", 4), ("adapters/robot_001_v4", "null", 4),
  ])
  func `id and version, and both in one, are the same thing`(id: String, version: String, number: Int) throws
  {
    let plan = try MadeSource.plan02(["model_id": "\"\(id)\"", "version": version]).plan()
    #expect(plan.adapter?.text == "robot_001" && plan.number == number && plan.originVersion == nil)
  }

  @Test(arguments: [
    ("seed", "v1.0.0", "seed"), ("seed/v1.0.0", "v1.0.0", "seed"), ("seed/v1.0.0", "1.0.0", "seed"),
    ("adapters/robot_001", "2.0.1-rc.1", "robot_001"),
  ])
  func `a version that is no number stays as a name`(id: String, version: String, adapter: String) throws {
    let plan = try MadeSource.plan02([
      "model_id": "\"\(id)\"", "version": "\"\(version)\"", "model_type": "\"seed\"",
    ]).plan()
    #expect(plan.adapter?.text == adapter && plan.number == nil && plan.originVersion == version)
  }

  @Test func `an id that is no adapter's name leaves the adapter open`() throws {
    #expect(try MadeSource.plan02(["model_id": "\"Brain of Robot\""]).plan().adapter == nil)
  }

  @Test(arguments: [false, true], [false, true])
  func `digests have a prefix or none, and either case`(isPrefixed: Bool, isUpper: Bool) throws {
    let digits = isUpper ? try hex(0xab).uppercased() : try hex(0xab)
    let text = isPrefixed ? "sha256:\(digits)" : digits
    var source = try MadeSource.plan02([
      "checksum": "\"\(text)\"",
      "files": "[{\"name\":\"lora_adapters.npz\",\"size\":10,\"checksum\":\"\(text)\"}]",
    ])
    source.drop("lora_adapters.npz")
    try source.add("lora_adapters.npz", 0xab)
    #expect(try source.plan().files.map(\.digest) == [try digest(0xab)])
  }

  @Test func `a single file may rely on the manifest's own checksum, or on a list`() throws {
    let named = "[{\"name\":\"lora_adapters.npz\",\"size\":10}]"
    #expect(try MadeSource.plan02(["files": named]).plan().files.count == 1)
    #expect(try MadeSource.plan02(["files": "null"]).plan().files.count == 1)
    var listed = try MadeSource.plan02(["files": named, "checksum": "null"])
    try listed.add(document: "checksum.sha256", "\(try hex(1))  lora_adapters.npz\n")
    #expect(try listed.plan().files.map(\.path.text) == ["lora_adapters.npz"])
  }

  @Test func `a bundle's list vouches for every file`() throws {
    let plan = try MadeSource.ota().plan()
    #expect(plan.layout == .ota && plan.adapter?.text == "seed" && plan.originVersion == "v1.2.0")
    #expect(
      plan.files.map(\.path.text) == [
        "adapters/robot_001/lora_adapters.npz", "config/model_config.json", "seed_model.npz",
      ])
    #expect(try plan.modelType == "release" && plan.document == digest(0xd0))
  }

  @Test func `an edge bundle names its artifacts and their checksums`() throws {
    let plan = try MadeSource.edge().plan()
    #expect(plan.layout == .edge && plan.adapter?.text == "robot_001" && plan.number == 2)
    #expect(plan.files.map(\.path.text) == ["base.tflite", "npu/model.hef"])
    #expect(plan.createdAt?.milliseconds == 1_767_608_100_000)
  }

  @Test func `an export has sizes, and its digests are those of the bytes`() throws {
    let plan = try MadeSource.export().plan()
    #expect(plan.layout == .export && plan.adapter == nil && plan.number == nil)
    #expect(plan.originVersion == "1.0" && !plan.layout.namesVersions)
    #expect(plan.createdAt?.description == "2026-01-05T10:15:00.123Z")
    #expect(plan.files.map(\.digest) == [try digest(1)])
    #expect(try MadeSource.export(["version": "\"2\""]).plan().number == nil, "it is that of the format")
  }

  @Test func `a cloud job's output is adopted, and its folder names the job`() throws {
    let plan = try MadeSource.cloud().plan()
    #expect(plan.layout == .cloud && plan.adapter == nil && plan.jobID == "job_9f2c")
    #expect(plan.jobConfiguration == Array(#"{"lr":0.001,"steps":500}"#.utf8))
    #expect(plan.modelType == "wavecore" && plan.framework == "pickle")
    #expect(plan.createdAt?.description == "2026-01-05T10:15:00.000Z")
    #expect(plan.files.map(\.path.text) == ["model.pkl"])
    var named = try MadeSource.cloud(["checkpoint_path": "\"best/checkpoint.pkl\""])
    try named.add("best/checkpoint.pkl", 2)
    #expect(try named.plan().files.map(\.path.text) == ["best/checkpoint.pkl", "model.pkl"])
  }

  @Test(arguments: ["../../other", "/opt/dev/x.pkl", "C:\\x.pkl", "gone.pkl", ""])
  func `a checkpoint path that leads nowhere is ignored`(path: String) throws {
    let escaped = path.replacing("\\", with: "\\\\")
    let plan = try MadeSource.cloud(["checkpoint_path": "\"\(escaped)\""]).plan()
    #expect(plan.files.map(\.path.text) == ["model.pkl"])
  }

  @Test(arguments: [("robot_001_v4.npz", "robot_001", 4), ("weights.safetensors", nil, nil)])
  func `a bare file is named by its stem, if at all`(name: String, adapter: String?, number: Int?) throws {
    var source = MadeSource(name: name)
    try source.add(name, 1)
    let plan = try #require(try source.plans(isFile: true).first)
    #expect(plan.layout == .file && plan.adapter?.text == adapter && plan.number == number)
    #expect(plan.document == nil)
  }

  @Test func `one folder around everything, or two, are left out of account`() throws {
    var source = MadeSource()
    try source.add("a/b/model.pkl", 1)
    try source.add(document: "a/b/model_manifest.json", "{\"format\":\"pickle\"}")
    let plan = try source.plan()
    #expect(plan.files.map(\.path.text) == ["model.pkl"] && plan.jobID == "b" && plan.location == "a/b/")
  }

  @Test func `the root of a registry plan holds several versions`() throws {
    var source = MadeSource()
    for (folder, id, version) in [
      ("adapters/robot_001_v4", "robot_001", "v4"), ("adapters/robot_001_v5", "robot_001", "v5"),
      ("seed/v1.0.0", "seed", "v1.0.0"),
    ] {
      try source.add("\(folder)/weights.npz", 1)
      try source.add(
        document: "\(folder)/manifest.json",
        """
        {"model_id":"\(id)","version":"\(version)","model_type":"adapter","checksum":"\(try hex(1))"}
        """)
    }
    try source.add("models/job_1/model.pkl", 2)
    try source.add(document: "models/job_1/model_manifest.json", "{}")
    let plans = try source.plans()
    #expect(
      plans.map(\.location) == [
        "adapters/robot_001_v4/", "adapters/robot_001_v5/", "models/job_1/", "seed/v1.0.0/",
      ])
    #expect(plans.map(\.number) == [4, 5, nil, nil] && plans[2].jobID == "job_1")
    try source.add("README", 9)
    #expect(refusal { () throws(RegistryError) in try source.plans() }?.code == .integrity)
  }
}
