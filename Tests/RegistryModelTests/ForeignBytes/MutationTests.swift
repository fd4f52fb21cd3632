import Foundation
import RegistryModel
import Testing

/// Everything of this module that reads what others wrote: no bytes may crash it, and what it takes it can write and read
/// again, or keeps its own limits. `MODELCTL_TEST_MUTATIONS` says how many are tried for each, and `MODELCTL_TEST_SEED` from where on.
@Suite struct MutationTests {
  private static func number(_ name: String, _ otherwise: UInt64) -> UInt64 {
    ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } ?? otherwise
  }

  /// Reads mutations; `read` returns whether reading what it would write gives the same.
  private func fuzz(_ samples: [[UInt8]], _ read: ([UInt8]) throws(RegistryError) -> Bool) {
    let first = Self.number("MODELCTL_TEST_SEED", 1)
    var taken = 0
    for seed in first..<first + Self.number("MODELCTL_TEST_MUTATIONS", 2_000) {
      var mutator = Mutator(seed: seed)
      let bytes = mutator.mutate(samples)
      do {
        let isSame = try read(bytes)
        taken += 1
        #expect(isSame, "seed \(seed), the second time: \(String(decoding: bytes, as: UTF8.self))")
      } catch {
        #expect(!error.message.isEmpty && !error.hint.isEmpty, "seed \(seed)")
      }
    }
    // Where none is taken, the samples are no good.
    #expect(taken > 0)
  }

  private func examples(_ schema: String) throws -> [[UInt8]] {
    let folder = Repository.root.appending(path: "schemas/examples/\(schema)")
    return try [folder, folder.appending(path: "invalid")].flatMap { folder in
      try Repository.jsonNames(in: folder).map { try Repository.json($0, in: folder) }
    }
  }

  @Test func `JSON`() throws {
    let samples = try ["manifest.v1", "training-job.v1", "config.v1"].flatMap(examples)
    fuzz(samples) { (bytes) throws(RegistryError) in
      let value = try JSONValue(parsing: bytes)
      return try JSONValue(parsing: value.canonicalBytes) == value
    }
  }

  @Test func `manifests`() throws {
    fuzz(try examples("manifest.v1")) { (bytes) throws(RegistryError) in
      let manifest = try Manifest(parsing: bytes)
      return try Manifest(parsing: manifest.canonicalBytes) == manifest
    }
  }

  @Test func `generations`() throws {
    fuzz(try examples("generation.v1")) { (bytes) throws(RegistryError) in
      let record = try GenerationRecord(parsing: bytes)
      return try GenerationRecord(parsing: record.canonicalBytes) == record
    }
  }

  @Test func `tokens`() throws {
    fuzz(try examples("token.v1")) { (bytes) throws(RegistryError) in
      let record = try TokenRecord(parsing: bytes)
      return try TokenRecord(parsing: record.canonicalBytes) == record
    }
  }

  @Test func `manifests of archives`() throws {
    fuzz(try examples("archive.v1")) { (bytes) throws(RegistryError) in
      try ArchiveManifest(parsing: bytes).episodes.allSatisfy { episode in
        (1...ArchiveManifest.maximumBytesOfText).contains(episode.id.utf8.count)
          && episode.bytes ?? 0 >= 0 && episode.steps ?? 0 >= 0
      }
    }
  }

  @Test func `training jobs`() throws {
    fuzz(try examples("training-job.v1")) { (bytes) throws(RegistryError) in
      let value = try JSONValue(parsing: bytes)
      let job = try TrainingJob(value)
      return try TrainingJob(job.json) == job
    }
  }

  @Test func `what a remote lists`() throws {
    let version = try VersionID(parsing: "robot_001_v4")
    let digest = try Digest(parsing: "sha256:\(String(repeating: "ab", count: 32))")
    let time = try Timestamp(parsing: "2026-01-05T10:15:00.123Z")
    let entry = JournalEntry(publishedAt: time, version: version, digest: digest)
    fuzz([entry.bytes]) { (bytes) throws(RegistryError) in
      let read = try JournalEntry(name: entry.name, bytes: bytes)
      return try JournalEntry(name: read.name, bytes: read.bytes).bytes == read.bytes
    }
    let bundle = BundleIndex([BundleIndex.Member(version: version, digest: digest)])
    fuzz([bundle.bytes]) { (bytes) throws(RegistryError) in
      let index = try BundleIndex(parsing: bytes)
      return try BundleIndex(parsing: index.bytes).bytes == index.bytes
    }
  }

  @Test func `headers of tensors`() {
    let safetensors = [
      #"{"__metadata__":{"format":"np"},"b":{"dtype":"F16","shape":[2,3],"data_offsets":[4,16]},"#
        + #""a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#,
      #"{"e":{"dtype":"I64","shape":[0,5],"data_offsets":[0,0]}}"#,
    ]
    fuzz(safetensors.map { Array($0.utf8) }) { (bytes) throws(RegistryError) in
      try SafetensorsHeader(parsing: bytes, dataBytes: 16).tensors.allSatisfy { $0.range.upperBound <= 16 }
    }
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }"
    let header = NpyHeader.magic + [1, 0, UInt8(text.utf8.count + 1), 0] + Array("\(text)\n".utf8)
    fuzz([header]) { (bytes) throws(RegistryError) in
      try NpyHeader(parsing: bytes).headerBytes <= bytes.count
    }
  }

  @Test func `names and references`() {
    let samples = [
      "robot_001_v4", "robot_001@stable", "robot_001", "sha256:\(String(repeating: "0f", count: 32))",
      "weights/a.npz", "file:///srv/models", "gs://bucket/prefix", "2026-01-05T10:15:00.123Z", "512MiB",
      "90s",
    ].map { Array($0.utf8) }
    func same<Value: CustomStringConvertible>(
      _ parse: @escaping (String) throws(RegistryError) -> Value
    ) -> ([UInt8]) throws(RegistryError) -> Bool {
      { (bytes) throws(RegistryError) in
        let value = try parse(String(decoding: bytes, as: UTF8.self))
        return try parse(value.description).description == value.description
      }
    }
    fuzz(samples, same(Reference.init(parsing:)))
    fuzz(samples, same(VersionID.init(parsing:)))
    fuzz(samples, same(Digest.init(parsing:)))
    fuzz(samples, same(Timestamp.init(parsing:)))
    fuzz(samples) { (bytes) throws(RegistryError) in
      let path = try RelativePath(parsing: String(decoding: bytes, as: UTF8.self))
      return !path.text.hasPrefix("/") && !path.text.split(separator: "/").contains("..")
    }
  }
}
