import RegistryModel
import Testing

@Suite struct ManifestTests {
  @Test func `a manifest writes every field of v1 in canonical order`() throws {
    let manifest = try Draft().manifest()
    let digest = "sha256:" + String(repeating: "01", count: 32)
    #expect(
      manifest.json.canonicalText
        == #"{"adapter":"robot_001","archives":[],"base":null,"created_at":"1970-01-01T00:00:00.000Z","#
        + #""files":[{"bytes":5,"digest":"\#(digest)","path":"a"}],"framework":"jax","job":null,"metrics":{},"#
        + #""model_type":"wavecore","note":null,"number":4,"origin":null,"requires":[],"schema":"manifest.v1"}"#
    )
    #expect(manifest.canonicalBytes == manifest.json.canonicalBytes)
    #expect(try Manifest(parsing: manifest.canonicalBytes) == manifest)
  }

  @Test func `every part survives writing and reading`() throws {
    var draft = Draft()
    draft.base = Manifest.BaseReference(
      version: try VersionID(parsing: "robot_001_v3"), digest: try digest(9))
    draft.job = Manifest.JobReference(
      id: "job_1", configDigest: try digest(2), imageDigest: try digest(3), codeVersion: "abc",
      seed: -9_007_199_254_740_991)
    draft.archives = [
      Manifest.ArchiveReference(digest: try digest(4), manifest: try digest(5)),
      Manifest.ArchiveReference(digest: try digest(6), manifest: nil),
    ]
    draft.metrics = ["loss": 0.25, "A/b.c:d@e-f_9": -1e-7]
    draft.requires = try ["os>=12", "arch=arm64"].map { try Requirement(parsing: $0) }
    draft.note = "two\nlines"
    draft.origin = Manifest.Origin(layout: "plan02", manifest: try digest(7), version: "v1.0.0")
    let manifest = try Manifest(parsing: draft.manifest().canonicalBytes)
    #expect(manifest.base == draft.base)
    #expect(manifest.job == draft.job)
    #expect(manifest.archives == draft.archives)
    #expect(manifest.metrics == draft.metrics)
    #expect(manifest.requires == draft.requires)
    #expect(manifest.note == draft.note)
    #expect(manifest.origin == draft.origin)
    #expect(manifest.versionID.description == "robot_001_v4")
    #expect(manifest.totalBytes == 5)
  }

  @Test func `content is everything but number, time and note`() throws {
    let draft = Draft()
    let content = try draft.manifest().contentBytes
    var same = draft
    same.number = 5
    same.createdAt = Timestamp(milliseconds: 1)
    same.note = "other words"
    #expect(try same.manifest().contentBytes == content)
    #expect(try same.manifest() != draft.manifest())
    let fields = try #require(try JSONValue(parsing: content).asObject)
    #expect(fields.count == 11 && fields["number"] == nil && fields["files"] != nil)

    var others = Array(repeating: draft, count: 5)
    others[0].framework = "torch"
    others[1].metrics = ["loss": 1]
    others[2].files = try [file("a", bytes: 6)]
    others[3].adapter = "robot_002"
    others[4].base = Manifest.BaseReference(
      version: try VersionID(parsing: "robot_001_v3"), digest: try digest(9))
    for other in others { #expect(try other.manifest().contentBytes != content) }
  }

  @Test func `manifests that differ only in normalisation are different`() throws {
    var composed = Draft()
    composed.note = "\u{e9}"
    var decomposed = Draft()
    decomposed.note = "e\u{301}"
    #expect(try composed.manifest() != decomposed.manifest())
  }

  @Test func `a newer major version is refused and asks for an update`() throws {
    let error = refusal { () throws(RegistryError) in
      try Manifest(parsing: Array(#"{"schema":"manifest.v12","whatever":1}"#.utf8))
    }
    #expect(error?.code == .refused)
    #expect(error?.hint == "update modelctl")
  }
}

/// A valid manifest to change in one place.
struct Draft {
  var adapter = "robot_001"
  var number = 4
  var createdAt = Timestamp(milliseconds: 0)
  var modelType = "wavecore"
  var framework = "jax"
  var files: [Manifest.File]?
  var base: Manifest.BaseReference?
  var job: Manifest.JobReference?
  var archives: [Manifest.ArchiveReference] = []
  var metrics: [String: Double] = [:]
  var requires: [Requirement] = []
  var note: String?
  var origin: Manifest.Origin?

  func manifest() throws -> Manifest {
    try Manifest(
      adapter: AdapterName(parsing: adapter), number: number, createdAt: createdAt, modelType: modelType,
      framework: framework, files: files ?? [file("a", bytes: 5)], base: base, job: job, archives: archives,
      metrics: metrics, requires: requires, note: note, origin: origin)
  }
}

func file(_ path: String, bytes: Int64 = 0) throws -> Manifest.File {
  Manifest.File(path: try RelativePath(parsing: path), digest: try digest(1), bytes: bytes)
}
