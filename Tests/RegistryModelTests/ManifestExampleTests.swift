import Mutations
import RegistryModel
import Testing

/// The examples in `schemas/`, which other programs test against too.
@Suite struct ManifestExampleTests {
  @Test func `valid examples are read and written unchanged`() throws {
    let names = try Repository.jsonNames(in: Repository.manifestExamples)
    #expect(names == ["full", "imported", "minimal", "unicode"])
    for name in names {
      let bytes = try Repository.json(name, in: Repository.manifestExamples)
      #expect(try Manifest(parsing: bytes).canonicalBytes == bytes, "\(name)")
    }
  }

  @Test func `the full example means what it says`() throws {
    let manifest = try Manifest(parsing: Repository.json("full", in: Repository.manifestExamples))
    #expect(manifest.versionID.description == "robot_001_v4")
    #expect(manifest.createdAt.description == "2026-02-28T23:59:59.999Z")
    #expect(manifest.files.map(\.path.text) == [".hidden", "config.json", "lora.txt", "lora/adapters.npz"])
    #expect(manifest.totalBytes == 12 + 417 + 9 + 268_435_456)
    #expect(manifest.base?.version.number == 3)
    #expect(manifest.job?.id == "job_9f2c41d07be3" && manifest.job?.seed == 0)
    #expect(manifest.archives.map { $0.manifest == nil } == [false, true])
    #expect(manifest.metrics["lr"] == 1e-7 && manifest.metrics.count == 4)
    #expect(manifest.requires.map(\.key) == ["arch", "jetpack", "os", "base"])
    #expect(manifest.note == "Second try.\nLower learning rate.")
  }

  @Test func `every malformed example has a reason here`() throws {
    let names = try Repository.jsonNames(in: Repository.malformedManifests)
    #expect(names == Self.reasons.map(\.name).sorted())
  }

  @Test(arguments: Self.reasons)
  func `malformed examples are refused for their own reason`(reason: Reason) throws {
    let bytes = try Repository.json(reason.name, in: Repository.malformedManifests)
    let error = refusal { () throws(RegistryError) in try Manifest(parsing: bytes) }
    #expect(error?.message.contains(reason.message) == true, "\(error?.message ?? "")")
    #expect(error?.code == (reason.name == "schema-v2" ? .refused : .integrity))
  }

  struct Reason: CustomTestStringConvertible {
    let name: String
    let message: String
    var testDescription: String { name }
  }

  static let reasons: [Reason] = [
    ("adapter-like-version", "ends like a version"), ("adapter-name", "is not an adapter name"),
    ("adapter-reserved", "is reserved"),
    ("archives-twice", "occurs twice"), ("archives-unsorted", "order of digests"),
    ("base-itself", "is the version itself"), ("base-number-zero", "is not a version number"),
    ("base-without-digest", "manifest.base lacks the field \"digest\""),
    ("byte-order-mark", "byte order mark"),
    ("digest-other-algorithm", "is not a digest"), ("digest-short", "is not a digest"),
    ("digest-upper-case", "is not a digest"), ("duplicate-key", "occurs twice"),
    ("files-directory-prefix", "needs a directory"), ("files-directory-prefix-folded", "needs a directory"),
    ("files-empty", "0 elements"), ("files-fold-case", "but for case or normalisation"),
    ("files-fold-normalisation", "but for case or normalisation"), ("files-twice", "occurs twice"),
    ("files-unsorted", "order of bytes"), ("framework-empty", "framework has 0 bytes"),
    ("invalid-utf8", "not UTF-8"), ("job-field-missing", "manifest.job lacks the field"),
    ("job-id-empty", "job.id has 0 bytes"), ("lone-surrogate", "surrogate"), ("metric-infinite", "too large"),
    ("metric-key", "has the key \"final loss\""), ("metric-text", "is a string, and a number is needed"),
    ("missing-field", "lacks the field \"note\""), ("not-an-object", "an object is needed"),
    ("not-canonical-escape", "not canonical"), ("not-canonical-newline", "not canonical"),
    ("not-canonical-number", "not canonical"), ("not-canonical-order", "not canonical"),
    ("not-canonical-space", "not canonical"), ("note-control", "note holds a control character"),
    ("number-fraction", "an integer"), ("number-text", "manifest.number is a string"),
    ("number-too-large", "is not a version number"), ("number-zero", "is not a version number"),
    ("path-absolute", "is absolute"), ("path-backslash", "backslash"), ("path-bidi", "control character"),
    ("path-component-too-long", "longer than 255"), ("path-control", "control character"),
    ("path-dot", "a . component"), ("path-double-slash", "an empty component"), ("path-empty", "is empty"),
    ("path-parent", "a .. component"), ("path-too-deep", "deeper than 32"),
    ("path-trailing-slash", "ends in a slash"),
    ("requirement-malformed", "is not a requirement"), ("requirement-twice", "\"arch=arm64\" twice"),
    ("schema-other", "is not the schema"), ("schema-v2", "knows manifest.v1"),
    ("size-beyond-double", "an integer"), ("size-fraction", "an integer"), ("size-negative", "outside 0"),
    ("time-impossible", "is not a time"), ("time-offset", "is not a time"),
    ("time-without-milliseconds", "not canonical"), ("trailing-bytes", "something follows"),
    ("truncated", "a comma or } is missing"), ("unknown-field", "unknown field \"extra\""),
    ("unknown-field-in-file", "manifest.files[0] has the unknown field \"mode\""),
  ].map { Reason(name: $0, message: $1) }

  /// Whatever the bytes are, the parser refuses them or gives back a manifest with exactly these bytes.
  @Test func `mutated examples are refused or have one spelling`() throws {
    let originals = try Repository.jsonNames(in: Repository.manifestExamples)
      .map { try Repository.json($0, in: Repository.manifestExamples) }
    var generator = SeededGenerator(seed: 20_260_105)
    var accepted = 0
    var refused = 0
    for _ in 0..<20_000 {
      var bytes = try #require(originals.randomElement(using: &generator))
      for _ in 0..<Int.random(in: 1...3, using: &generator) { mutate(&bytes, using: &generator) }
      guard let manifest = try? Manifest(parsing: bytes) else {
        refused += 1
        continue
      }
      accepted += 1
      guard manifest.canonicalBytes == bytes else {
        Issue.record("another spelling was accepted: \(String(decoding: bytes, as: UTF8.self))")
        return
      }
    }
    // Both ways must have been taken, or this test says nothing.
    #expect(accepted > 500 && refused > 500, "\(accepted) accepted, \(refused) refused")
  }

  private func mutate(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
    guard !bytes.isEmpty else { return }
    let place = Int.random(in: bytes.indices, using: &generator)
    let end = min(bytes.count, place + Int.random(in: 1...12, using: &generator))
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 1:
      bytes[place] = Array("0123456789abcdefnv_\"\\,:{}[]./ -".utf8).randomElement(using: &generator) ?? 0
    case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
    case 3: bytes.removeSubrange(place..<end)
    case 4: bytes.insert(contentsOf: bytes[place..<end], at: place)
    default: bytes.swapAt(place, Int.random(in: bytes.indices, using: &generator))
    }
  }
}
