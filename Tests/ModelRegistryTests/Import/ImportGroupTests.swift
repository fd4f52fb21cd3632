import DurableFiles
import Foundation
@testable import ModelRegistry
import TestSupport
import Testing

@Suite struct ImportGroupTests {
  /// A registry plan's root of adapters with these contents, and a seed.
  private static func plan(
    _ contents: [String], in scratch: Scratch, _ folder: String = "plan", seed: String = "base"
  ) throws -> String {
    for (number, content) in contents.enumerated() {
      try ForeignModel.plan02(content, version: "v\(number + 1)")
        .write(to: scratch("\(folder)/adapters/robot_001_v\(number + 1)"))
    }
    try ForeignModel.seed(seed).write(to: scratch("\(folder)/seed/v1.0.0"))
    return scratch(folder)
  }

  private static let names = ["robot_001_v1", "robot_001_v2", "robot_001_v3", "seed_v1"]

  @Test(arguments: [[], Pretence.noFileSystemFlush] as [Pretence])
  func `all versions of a plan's root are imported`(pretence: Pretence) throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    let path = try Self.plan(["one", "two", "three"], in: fixture.scratch)
    try Pretence.$current.withValue(pretence) {
      let results = try registry.importVersions(ImportRequest(path: path))
      #expect(results.map(\.version.description) == Self.names)
      #expect(results.allSatisfy { !$0.existing && $0.files == 1 && $0.reusedBytes == 0 })
    }
    for name in Self.names {
      let (summary, manifest) = try registry.show(Reference(parsing: name))
      #expect(summary.isInstalled && manifest.origin?.layout == "plan02")
      for file in manifest.files {
        let bytes = try fixture.bytes("versions/\(name)/\(file.path)")
        #expect(try Digest.sha256(of: bytes) == file.digest && Int64(bytes.count) == file.bytes)
      }
    }
    #expect(try registry.digest(of: "seed/v1.0.0").version.description == "seed_v1")
    let kinds = try registry.audit().items.map(\.record.kind)
    #expect(kinds.filter { $0 == .importVersion }.count == 4)
    try fixture.expectSound()
    let again = try registry.importVersions(ImportRequest(path: path))
    #expect(again.map(\.version.description) == Self.names && again.allSatisfy(\.existing))
    try registry.activate("robot_001_v3")
    try fixture.expectSound()
  }

  @Test(arguments: ["zip", "tar", "tar.gz"])
  func `an archive of a plan's root is the same`(ending: String) throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    var model = ForeignModel()
    for number in 1...3 {
      model.files += try ForeignModel.plan02("content \(number)", version: "v\(number)")
        .moved(into: "root/adapters/robot_001_v\(number)").files
    }
    model.files += try ForeignModel.seed("base").moved(into: "root/seed/v1.0.0").files
    let path = try model.write(archive: "plan.\(ending)", in: fixture.scratch)
    let results = try registry.importVersions(ImportRequest(path: path))
    #expect(results.map(\.version.description) == Self.names)
    try fixture.expectSound()
  }

  @Test func `flushes don't grow with the number of versions`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    var counts: [Int] = []
    for count in [3, 30] {
      let path = try Self.plan(
        (0..<count).map { "\(count)-\($0)" }, in: fixture.scratch, "plan-\(count)", seed: "\(count)")
      let plan = FaultPlan(.record)
      let adapter = try AdapterName(parsing: "robot_\(count)")
      try FaultPlan.$current.withValue(plan) {
        try registry.importVersions(ImportRequest(path: path, adapter: adapter))
      }
      counts.append(plan.syncCount)
    }
    #expect(counts == [3, 3], "bytes; names; links and trees")
    try fixture.expectSound()
  }

  @Test func `one version that can't be is none at all`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    // robot_001_v1 has other content there.
    let path = try Self.plan(["eins"], in: fixture.scratch)
    let wrong = try Self.plan(["one"], in: fixture.scratch, "wrong")
    try fixture.scratch.write("wrong/seed/v1.0.0/seed_model.npz", "other bytes")
    let twice = try Self.plan(["x"], in: fixture.scratch, "twice")
    try ForeignModel.plan02("y", version: "v1").write(to: "\(twice)/adapters/again")
    let named = try Self.plan([], in: fixture.scratch, "named")
    try ForeignModel.seed("other").write(to: "\(named)/seed/again")
    for (folder, expected) in [
      (path, RegistryError.Code.refused), (wrong, .integrity), (twice, .refused), (named, .refused),
    ] {
      let before = try StoreSnapshot(fixture.root)
      let error = try failure { try registry.importVersions(ImportRequest(path: folder)) }
      #expect(error.code == expected, "\(error)")
      #expect(before.differences(to: try StoreSnapshot(fixture.root)) == [])
    }
    #expect(code { try registry.importVersions(ImportRequest(path: path, number: 9)) } == .usage)
  }

  @Test func `what is there twice is one version, and numbers that are said are left to who says them`()
    throws
  {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    let root = fixture.scratch("plan")
    try ForeignModel.plan02("one", version: "v1").write(to: "\(root)/adapters/b")
    try ForeignModel.plan02("one", version: "v1").write(to: "\(root)/adapters/c")
    try ForeignModel.plan02("two", version: "2.0.0").write(to: "\(root)/adapters/a")
    let results = try registry.importVersions(ImportRequest(path: root))
    #expect(results.map(\.version.number) == [2, 1, 1])
    #expect(results.map(\.existing) == [false, false, true])
    try fixture.expectSound()
  }

  @Test func `a version that was uninstalled, or lost a file, is whole again`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    let path = try Self.plan(["one", "two", "three"], in: fixture.scratch)
    try registry.importVersions(ImportRequest(path: path))
    _ = try registry.uninstall("robot_001_v2")
    _ = try registry.collect()
    try FileManager.default.removeItem(atPath: fixture.path("versions/robot_001_v3/lora_adapters.npz"))
    try ForeignModel.plan02("four", version: "v4").write(to: "\(path)/adapters/robot_001_v4")
    let results = try registry.importVersions(ImportRequest(path: path))
    #expect(results.filter { !$0.existing }.map(\.version.number) == [4])
    try fixture.expectSound()
    #expect(try registry.versions().items.allSatisfy(\.isInstalled))
  }
}
