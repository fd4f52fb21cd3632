import Foundation
import ModelRegistry
import RegistryModel
import TestSupport
import Testing

/// Bundles that somebody made by hand.
@Suite struct HostileBundleTests {
  /// A version with one file, as its manifest and bytes would be in a bundle.
  private struct Made {
    let manifest: Manifest
    let bytes: [UInt8]
    var version: VersionID { manifest.versionID }
    let digest: Digest
    var name: String { RemoteLayout.manifest(version).text }

    init(_ version: String, _ text: String, size: Int64? = nil, files: Int = 1) throws {
      bytes = Array(text.utf8)
      let id = try VersionID(parsing: version)
      let digest = try sha256(bytes)
      manifest = try Manifest(
        adapter: id.adapter, number: id.number, createdAt: Timestamp(milliseconds: 1_700_000_000_000),
        modelType: "wavecore", framework: "jax",
        files: (0..<files).map {
          Manifest.File(
            path: path("policy-\($0).bin"), digest: digest, bytes: size ?? Int64(text.utf8.count))
        })
      self.digest = try sha256(manifest.canonicalBytes)
    }

    var entry: MadeArchive.Entry { .init(name, manifest.canonicalBytes) }
    var blob: MadeArchive.Entry { .init("blobs/sha256/\(manifest.files[0].digest.hex)", bytes) }
    var member: BundleIndex.Member { BundleIndex.Member(version: version, digest: digest) }
  }

  private func index(_ members: [BundleIndex.Member]) -> MadeArchive.Entry {
    .init(BundleIndex.name.text, BundleIndex(members).bytes)
  }

  private func install(_ entries: [MadeArchive.Entry], in fixture: StoreFixture) throws -> RegistryError? {
    let file = try fixture.scratch.write("made.tar", MadeArchive(entries).tar)
    do {
      _ = try fixture.open().installBundle(at: file)
      return nil
    } catch let error as RegistryError {
      return error
    }
  }

  @Test func `a second list of versions can't put other bytes under a name that is here`() throws {
    let fixture = try StoreFixture("to")
    let registry = try fixture.open()
    let good = try fixture.publish("good", in: registry)
    try registry.activate([.version(good.version)])
    let evil = try Made("robot_001_v1", "evil bytes")
    let error = try install(
      [
        index([evil.member]), evil.entry,
        index([BundleIndex.Member(version: good.version, digest: good.digest)]), evil.blob,
      ], in: fixture)
    #expect(error?.code == .integrity)
    #expect(
      try String(contentsOfFile: "\(fixture.root)/active/robot_001/lora_adapters.npz", encoding: .utf8)
        == "weights of good")
    #expect(try fixture.open().verify(full: true).damaged.isEmpty)
  }

  @Test func `one adapter's channel moves no other's`() throws {
    let fixture = try StoreFixture("to")
    let (first, second) = (try Made("robot_a_v1", "a"), try Made("robot_b_v1", "b"))
    let channel = RemoteChannel(
      ChannelSetting(
        adapter: first.version.adapter, name: try ChannelName(parsing: "stable"), seq: 1,
        version: first.version, digest: second.digest, at: Timestamp(milliseconds: 0), by: "x", reason: nil))
    let error = try install(
      [
        index([first.member, second.member]), first.entry, second.entry,
        .init("channels/robot_a/stable.json", channel.bytes), first.blob, second.blob,
      ], in: fixture)
    #expect(error == nil)
    #expect(try fixture.open().channels().items.isEmpty)
  }

  @Test func `sizes that contradict each other, or can't be, are refused`() throws {
    let fixture = try StoreFixture("to")
    let before = try StoreSnapshot(fixture.root)
    let (small, large) = (try Made("siz_v2", "same"), try Made("siz_v1", "same", size: 7 << 40))
    let error = try install(
      [index([large.member, small.member]), large.entry, small.entry, small.blob], in: fixture)
    #expect(error?.code == .integrity)
    let huge = try (1...1100).map {
      try Made("huge_v\($0)", "\($0)", size: JSONValue.safeIntegers.upperBound)
    }
    let full = try install([index(huge.map(\.member))] + huge.map(\.entry) + [huge[0].blob], in: fixture)
    #expect(full?.code == .noSpace)
    #expect(try StoreSnapshot(fixture.root) == before)
  }

  @Test func `a channel's number that nobody can count on from is refused`() throws {
    let fixture = try StoreFixture("to")
    let made = try Made("robot_a_v1", "a")
    let channel = RemoteChannel(
      ChannelSetting(
        adapter: made.version.adapter, name: try ChannelName(parsing: "stable"),
        seq: JSONValue.safeIntegers.upperBound, version: made.version, digest: made.digest,
        at: Timestamp(milliseconds: 0), by: "x", reason: nil))
    let error = try install(
      [index([made.member]), made.entry, .init("channels/robot_a/stable.json", channel.bytes), made.blob],
      in: fixture)
    #expect(error?.code == .integrity)
  }

  @Test func `few bytes that would take much memory are refused`() throws {
    let fixture = try StoreFixture("to")
    let bomb = Array(("[" + String(repeating: "{},", count: 1_100_000) + "{}]").utf8)
    let member = BundleIndex.Member(version: try VersionID(parsing: "bomb_v1"), digest: try sha256(bomb))
    let error = try install(
      [index([member]), .init(RemoteLayout.manifest(member.version).text, bomb)], in: fixture)
    #expect(error?.code == .integrity && error?.message.contains("too many values") == true)
    // Compressed it would be a few hundred bytes: a bundle is a plain tar.
    let made = try Made("robot_a_v1", "a")
    let plain = try fixture.scratch.write(
      "plain.tar", MadeArchive([index([made.member]), made.entry, made.blob]).tar)
    let gzip = Process()
    gzip.executableURL = URL(filePath: "/bin/gzip")
    gzip.arguments = [plain]
    try gzip.run()
    gzip.waitUntilExit()
    let refused = #expect(throws: RegistryError.self) {
      _ = try fixture.open().installBundle(at: plain + ".gz")
    }
    #expect(refused?.code == .integrity)
  }
}
