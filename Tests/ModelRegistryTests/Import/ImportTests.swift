import DurableFiles
import Foundation
import ModelRegistry
import TestSupport
import Testing

@Suite struct ImportTests {
  enum Form: String, CaseIterable, CustomTestStringConvertible {
    case folder, wrapped
    case zip, tar
    case compressed = "tar.gz"

    var testDescription: String { rawValue }

    func write(_ model: ForeignModel, _ name: String, in scratch: Scratch) throws -> String {
      switch self {
      case .folder: try model.write(name, in: scratch)
      case .wrapped: try model.moved(into: "inner").write(name, in: scratch)
      default: try model.write(archive: "\(name).\(rawValue)", in: scratch)
      }
    }
  }

  /// Imports what `model` is, and expects the store to be sound afterwards.
  private func imported(
    _ model: ForeignModel, _ form: Form, named name: String = "model", as adapter: AdapterName? = nil
  ) throws -> (manifest: Manifest, fixture: StoreFixture, result: PublishResult) {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    let path = try form.write(model, name, in: fixture.scratch)
    let results = try registry.importVersions(ImportRequest(path: path, adapter: adapter))
    let result = try #require(results.count == 1 ? results.first : nil)
    try fixture.expectSound()
    let (summary, manifest) = try registry.show(.version(result.version))
    #expect(summary.isInstalled && summary.digest == result.digest && !result.existing)
    if let origin = manifest.origin {
      let original = try #require(model.files.first { $0.path.hasSuffix("manifest.json") })
      #expect(try fixture.bytes(StoreFixture.blob(origin.manifest)) == original.bytes)
    }
    for file in manifest.files {
      let bytes = try fixture.bytes("versions/\(result.version)/\(file.path)")
      #expect(bytes == model.bytes(file.path.text), "\(file.path)")
    }
    #expect(try registry.audit().items.contains { $0.record.kind == .importVersion })
    return (manifest, fixture, result)
  }

  @Test(arguments: Form.allCases)
  func `a folder of the registry plan`(form: Form) throws {
    let (manifest, _, result) = try imported(.plan02("four"), form)
    #expect(result.version.description == "robot_001_v4")
    #expect(manifest.createdAt.description == "2026-01-05T10:15:00.000Z")
    #expect(manifest.modelType == "adapter" && manifest.framework == "jax")
    #expect(manifest.files.map(\.path.text) == ["lora_adapters.npz"])
    #expect(manifest.metrics == ["final_loss": 0.0234, "episodes_used": 16])
    #expect(manifest.origin?.layout == "plan02" && manifest.origin?.version == nil)
    #expect(manifest.base == nil && manifest.job == nil && manifest.note == nil && manifest.requires == [])
  }

  @Test(arguments: Form.allCases)
  func `a seed, which is found by the name that it had`(form: Form) throws {
    let (manifest, fixture, result) = try imported(.seed("base"), form)
    #expect(result.version.description == "seed_v1" && manifest.modelType == "seed")
    #expect(manifest.files.map(\.path.text) == ["seed_model.npz"] && manifest.origin?.version == "v1.0.0")
    let registry = try fixture.open()
    for name: Reference in ["seed/v1.0.0", "seed/1.0.0"] {
      #expect(try registry.digest(of: name).version == result.version)
    }
    #expect(code { try registry.digest(of: "seed/v1.0.1") } == .notFound)
    #expect(try registry.versions().items.map(\.originVersion) == ["v1.0.0"])
  }

  @Test(arguments: Form.allCases)
  func `a cloud job's output`(form: Form) throws {
    let (manifest, _, result) = try imported(.cloud("trained"), form, named: "job_9f2c", as: "robot_001")
    #expect(result.version.description == "robot_001_v1" && manifest.files.map(\.path.text) == ["model.pkl"])
    #expect(manifest.job?.id == (form == .wrapped ? "inner" : "job_9f2c"))
    #expect(manifest.job?.configDigest?.hex == (try ForeignModel.hex("{\"steps\":500}")))
    #expect(manifest.modelType == "wavecore" && manifest.framework == "pickle")
    #expect(manifest.origin?.layout == "cloud")
  }

  @Test(arguments: Form.allCases)
  func `a bundle that was sent over the air`(form: Form) throws {
    let (manifest, _, result) = try imported(.ota("seed"), form)
    #expect(result.version.description == "seed_v1" && manifest.origin?.version == "v1.2.0")
    #expect(manifest.files.count == 3 && result.files == 3 && manifest.origin?.layout == "ota")
  }

  @Test(arguments: Form.allCases)
  func `a bundle for the edge, and an export`(form: Form) throws {
    let edge = try imported(.edge("base"), form)
    #expect(edge.result.version.description == "robot_001_v2" && edge.manifest.origin?.layout == "edge")
    #expect(edge.manifest.createdAt.milliseconds == 1_767_608_100_000)
    let export = try imported(.export("base"), form, as: "robot_001")
    #expect(export.result.version.description == "robot_001_v1" && export.manifest.origin?.layout == "export")
    #expect(export.manifest.files.map(\.path.text) == ["model.npz"])
  }

  @Test func `a bare file`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    let path = try fixture.scratch.write("robot_001_v7.safetensors", "weights")
    let first = try #require(try registry.importVersions(ImportRequest(path: path)).first)
    #expect(first.version.description == "robot_001_v7" && first.files == 1)
    let other = try fixture.scratch.write("weights.HEF", "other")
    #expect(code { try registry.importVersions(ImportRequest(path: other)) } == .usage)
    let second = try registry.importVersions(ImportRequest(path: other, adapter: "robot_002"))
    #expect(second.first?.version.description == "robot_002_v1")
    #expect(try registry.show("robot_002_v1").1.origin == nil, "nothing was said of it")
    try fixture.expectSound()
  }

  @Test func `the same again is the version that it is, other content is refused`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    let first = try ForeignModel.plan02("four").write("first", in: fixture.scratch)
    let made = try registry.importVersions(ImportRequest(path: first))
    let again = try registry.importVersions(ImportRequest(path: first))
    #expect(again.first?.existing == true && again.first?.version == made.first?.version)
    #expect(again.first?.reusedBytes == made.first?.bytes)
    let other = try ForeignModel.plan02("other").write("other", in: fixture.scratch)
    let changed = try change(of: fixture.root) { () throws in
      let error = try failure { try registry.importVersions(ImportRequest(path: other)) }
      #expect(error.code == .refused && error.message.contains("robot_001_v4 is taken"))
    }
    #expect(changed == [])
    let given = try registry.importVersions(ImportRequest(path: other, number: 9))
    #expect(given.first?.version.number == 9)
    try fixture.expectSound()
  }

  @Test func `one name from elsewhere never means two things unasked`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    let one = try ForeignModel.seed("one").write("one", in: fixture.scratch)
    let two = try ForeignModel.seed("two").write(archive: "two.zip", in: fixture.scratch)
    let made = try #require(try registry.importVersions(ImportRequest(path: one)).first)
    #expect(try registry.importVersions(ImportRequest(path: one)).first?.existing == true)
    let changed = try change(of: fixture.root) { () throws in
      let error = try failure { try registry.importVersions(ImportRequest(path: two)) }
      #expect(error.code == .refused && error.message.contains("seed/v1.0.0 was imported before"))
      #expect(error.message.contains(made.digest.short))
    }
    #expect(changed == [])
    let given = try registry.importVersions(ImportRequest(path: two, number: 2))
    #expect(given.first?.version.number == 2)
    #expect(try registry.digest(of: "seed/v1.0.0").version.number == 2, "the newest")
    let export = { try ForeignModel.export($0).write("export-\($0)", in: fixture.scratch) }
    for content in ["a", "b"] {
      try registry.importVersions(ImportRequest(path: export(content), adapter: "robot_001"))
    }
    #expect(try registry.versions(of: "robot_001").items.count == 2, "an export's version is its format's")
  }

  @Test func `--as wins over what the layout says`() throws {
    let (_, fixture, result) = try imported(.plan02("four"), .folder, as: "other")
    #expect(result.version.description == "other_v4")
    #expect(try fixture.open().versions(of: "robot_001").items.isEmpty)
  }

  @Test func `an archive that spells out 64-bit sizes, and one that is deflated`() throws {
    let fixture = try StoreFixture()
    let folder = try ForeignModel.plan02("four").write("model", in: fixture.scratch)
    let script = """
      import sys, zipfile
      with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as archive:
          for name in ("lora_adapters.npz", "manifest.json"):
              with open(sys.argv[2] + "/" + name, "rb") as source:
                  with archive.open(name, "w", force_zip64=True) as target:
                      target.write(source.read())
      """
    let path = fixture.scratch("model.zip")
    _ = try run("/usr/bin/env", "python3", "-c", script, path, folder)
    let registry = try fixture.open()
    #expect(
      try registry.importVersions(ImportRequest(path: path)).first?.version.description == "robot_001_v4")
    try fixture.expectSound()
  }

  @Test func `tar's own spelling of a folder is understood`() throws {
    let fixture = try StoreFixture()
    let folder = try ForeignModel.ota("seed").write("model", in: fixture.scratch)
    let path = fixture.scratch("bundle.tgz")
    _ = try run("/usr/bin/env", "tar", "czf", path, "-C", folder, ".")
    let registry = try fixture.open()
    #expect(try registry.importVersions(ImportRequest(path: path)).first?.files == 3)
    try fixture.expectSound()
  }
}
