import Foundation
import ModelRegistry
import TestSupport
import Testing

@Suite struct InsightTests {
  /// Publishes a folder with these files.
  private func published(_ files: [String: [UInt8]]) throws -> (StoreFixture, Registry, Reference) {
    let fixture = try StoreFixture()
    for (name, bytes) in files { try fixture.scratch.write("made/\(name)", bytes) }
    let registry = try fixture.open()
    let result = try registry.publish(
      PublishRequest(adapter: "robot_001", paths: [fixture.scratch("made")]))
    return (fixture, registry, .version(result.version))
  }

  private func insight(_ files: [String: [UInt8]]) throws -> [FileInsight] {
    let (fixture, registry, reference) = try published(files)
    return try withExtendedLifetime(fixture) { try registry.insight(of: reference).files }
  }

  private static let arrays = [
    Weights.Array("a", [1, 2], dtype: "<f4"), Weights.Array("b", "<i8", [], [7, 0, 0, 0, 0, 0, 0, 0]),
  ]

  @Test func `tensors of each format are told by file`() throws {
    let files = try insight([
      "config.json": Array("{}".utf8),
      "one.npy": Weights.npy(
        Weights.Array("", "<f4", [1, 2], [0, 0, 0, 0, 0, 0, 0, 0]), isColumnMajor: true),
      "sub/w.npz": Weights.npz(Self.arrays),
      "w.safetensors": Weights.safetensors([Weights.Array("a", [1, 2])]),
    ])
    #expect(files.map(\.path.text) == ["config.json", "one.npy", "sub/w.npz", "w.safetensors"])
    #expect(files.map(\.format) == [.other, .npy, .npz, .safetensors])
    #expect(files.allSatisfy { $0.problem == nil && !$0.runsCode })
    #expect(files[0].tensors == [])
    #expect(
      files[1].tensors == [
        Tensor(name: "one", dtype: "<f4", shape: [1, 2], range: 0..<8, isColumnMajor: true)
      ])
    #expect(
      files[2].tensors == [
        Tensor(name: "a", dtype: "<f4", shape: [2], range: 0..<8),
        Tensor(name: "b", dtype: "<i8", shape: [], range: 0..<8),
      ])
    #expect(files[3].tensors == [Tensor(name: "a", dtype: "F32", shape: [2], range: 0..<8)])
  }

  @Test func `arrays of a compressed zip are read too`() throws {
    let fixture = try StoreFixture()
    let plain = try fixture.scratch.write(
      "a.npy", Weights.npy(Weights.Array("", "<f4", [40_000], Array(repeating: 0, count: 160_000))))
    let python = Process()
    python.executableURL = URL(filePath: "/usr/bin/python3")
    python.arguments = [
      "-c", "import sys, zipfile; zipfile.ZipFile(sys.argv[2], 'w', 8).write(sys.argv[1], 'a.npy')", plain,
      fixture.scratch("w.npz"),
    ]
    try python.run()
    python.waitUntilExit()
    try #require(python.terminationStatus == 0)
    let registry = try fixture.open()
    let version = try registry.publish(
      PublishRequest(adapter: "robot_001", paths: [fixture.scratch("w.npz")]))
    let file = try #require(registry.insight(of: .version(version.version)).files.first)
    #expect(version.bytes < 10_000 && file.problem == nil && file.format == .npz)
    #expect(file.tensors == [Tensor(name: "a", dtype: "<f4", shape: [40_000], range: 0..<160_000)])
  }

  private static let objects = Weights.Array("o", "|O", [2], [0x80, 4, 0x4e, 0x2e])

  @Test(
    arguments: [
      ("m.pkl", [0x28, 0x64, 0x2e], .pickle), ("m.npz", [0x80, 4, 0x4e, 0x2e], .pickle),
      ("m.pt", Weights.zip([("m/data.pkl", [0x80, 2, 0x2e]), ("m/data/0", [1])]), .pytorch),
      ("m.bin", Weights.zip([("m/data.pkl", [0x80, 2, 0x2e])]), .pytorch),
      ("m.npy", Weights.npy(objects), .npy),
      ("m.npz", Weights.npz([arrays[0], objects]), .npz),
      ("m.zip", Weights.zip([("policy.pth", [1])]), .other),
      ("m.npy", Weights.npy(arrays[0]).prefix(20) + [], .npy),
      ("m.npz", Weights.zip([("a.npy", Array(Weights.npy(objects).prefix(30)))]), .npz),
      ("m.npz", Weights.npz(arrays).dropLast(40) + [], .npz),
    ] as [(String, [UInt8], FileFormat)])
  func `what can run code when it is loaded is marked`(name: String, bytes: [UInt8], format: FileFormat)
    throws
  {
    let file = try #require(insight([name: bytes]).first)
    #expect(file.format == format && file.runsCode)
  }

  @Test(
    arguments: [
      ("w.npz", Array("weights of one".utf8), "no zip"), ("w.npy", [1, 2], "does not begin as npy"),
      ("w.npy", Weights.npy(arrays[0]).dropLast() + [], "has 7 bytes of elements"),
      ("w.npy", Weights.npy(arrays[0]) + [0], "has 9 bytes of elements"),
      ("w.safetensors", [], "ends before"),
      (
        "w.safetensors", Weights.safetensors([Weights.Array("a", [1])]) + [0],
        "no tensor has the bytes 4 to 5"
      ),
      (
        "w.safetensors", Weights.safetensors([Weights.Array("a", [1])]).dropLast() + [], "ends at byte 4 of 3"
      ),
      ("w.npz", Weights.zip([("a.npy", Weights.npy(arrays[0]) + [0])]), "\"a.npy\": \"a\" has 9 bytes"),
      ("w.npz", Weights.npz([arrays[0], arrays[0]]), "the entry \"a.npy\" twice"),
      ("w.npz", Weights.npz(arrays).prefix(60) + [], "can't be read"),
    ] as [(String, [UInt8], String)])
  func `what is wrong with a file is said, and is no failure`(name: String, bytes: [UInt8], why: String)
    throws
  {
    let file = try #require(insight([name: bytes]).first)
    #expect(file.problem?.contains(why) == true, "\(file.problem ?? "no problem")")
  }

  @Test func `bytes that are not here are a problem of that file alone`() throws {
    let (fixture, registry, reference) = try published([
      "a.safetensors": Weights.safetensors([]),
      "b.safetensors": Weights.safetensors([Weights.Array("b", [1])]),
    ])
    try FileManager.default.removeItem(atPath: fixture.path(fixture.blob("a.safetensors", of: reference)))
    let files = try registry.insight(of: reference).files
    #expect(files.map(\.problem) == ["its bytes are not here", nil])
    #expect(files.map(\.format) == [.safetensors, .safetensors] && files[1].tensors.count == 1)
  }

  @Test func `looking changes nothing, and a version that is not known is not found`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let changed = try change(of: fixture.root) { () throws in
      _ = try registry.insight(of: "robot_001_v1")
      _ = try registry.diff("robot_001_v1", "robot_001_v2")
      #expect(code { try registry.insight(of: "robot_001_v9") } == .notFound)
    }
    #expect(changed == [])
  }

  @Test func `the tensors of a version are limited`() throws {
    let half = (0..<40_000).map { Weights.Array("t\($0)", "U8", [0], []) }
    let files = try insight([
      "a.safetensors": Weights.safetensors(half), "b.safetensors": Weights.safetensors(half),
    ])
    #expect(files.map(\.tensors.count) == [40_000, Tensor.Limits.tensors - 40_000])
    #expect(files[0].problem == nil && files[1].problem?.contains("more than 65536") == true)
  }
}
