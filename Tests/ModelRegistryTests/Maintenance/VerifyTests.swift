import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

@Suite struct VerifyTests {
  /// A store with two adapters, a file that two versions share, and an archive's manifest.
  private func store() throws -> StoreFixture {
    let fixture = try StoreFixture.copied()
    let archive = #"{"archive":"sha256:\#(String(repeating: "5", count: 64))","episodes":[]}"#
    let path = try fixture.scratch.write("archive.json", archive)
    try fixture.publish("other", as: "robot_002") { $0.archives = [path] }
    return fixture
  }

  @Test func `a whole store is read from the medium and found good`() throws {
    let fixture = try store()
    let registry = try fixture.open()
    let result = try registry.verify()
    let totals = try registry.status()
    #expect(result.damaged == [] && result.warnings == [] && result.repaired == [])
    #expect(Int64(result.checkedBlobs) == totals.blobs)
    #expect(try result.checkedBytes >= #require(totals.blobBytes))
    #expect(result.bytesFromCache <= result.checkedBytes)
  }

  @Test func `one flipped byte is found in any blob, manifests and attachments included`() throws {
    let fixture = try store()
    let registry = try fixture.open()
    let blobs = try Snapshot(fixture.root).names.filter { $0.hasPrefix("blobs/sha256/") && $0.count > 70 }
      .sorted()
    #expect(try Int64(blobs.count) == registry.status().blobs && blobs.count >= 9)
    for blob in blobs {
      let good = try fixture.bytes(blob)
      try breaking(fixture.path(blob), .flippedByte)
      let damage = try registry.verify().damaged
      #expect(damage.contains { $0.kind == .blob && $0.paths == [blob] && !$0.versions.isEmpty }, "\(blob)")
      chmod(fixture.path(blob), 0o644)
      try Data(good).write(to: URL(filePath: fixture.path(blob)))
      chmod(fixture.path(blob), 0o444)
      #expect(try registry.verify().damaged == [], "what is good again is said to be")
    }
    #expect(try registry.versions().items.allSatisfy { !$0.isDamaged })
  }

  @Test(arguments: Breaking.allCases)
  func `any damage of a blob is found, recorded and told of`(how: Breaking) throws {
    let fixture = try store()
    let registry = try fixture.open()
    let blob = try fixture.blob("config/model_config.json", of: "robot_001_v1")
    try breaking(fixture.path(blob), how)
    let damage = try #require(try registry.verify().damaged.first { $0.kind == .blob })
    #expect(damage.versions.count == 4 && !damage.problem.isEmpty, "all share the file")
    #expect(try registry.versions().items.allSatisfy(\.isDamaged))
    #expect(try registry.audit().items.last?.record.kind == .damage)
    let status = try registry.status()
    #expect(status.problems.contains { $0.contains("damaged") && $0.contains("robot_001_v1") })
    #expect(try registry.doctor().contains { $0.subject == "versions" && $0.isProblem })
  }

  @Test func `one version is checked by itself`() throws {
    let fixture = try store()
    let registry = try fixture.open()
    try breaking(fixture.path(fixture.blob(of: "robot_001_v2")), .flippedByte)
    #expect(try registry.verify("robot_001_v1").damaged == [])
    #expect(try registry.verify("robot_001_v2").damaged.count == 1)
    #expect(try registry.verify("robot_001_v2", full: true).damaged.count == 1)
    _ = try registry.uninstall("robot_001_v3")
    _ = try registry.collect()
    #expect(try registry.verify("robot_001_v3").damaged == [], "collected is not damaged")
  }

  @Test func `a reader finds damage and records nothing`() throws {
    let fixture = try store()
    try breaking(fixture.path(fixture.blob(of: "robot_001_v2")), .flippedByte)
    let reader = try Registry.openForReading(fixture.root, fixture.options())
    #expect(try reader.verify().damaged.count == 1)
    #expect(try reader.versions().items.allSatisfy { !$0.isDamaged })
  }

  enum TreeDamage: String, CaseIterable, CustomTestStringConvertible {
    case otherBytes, otherSize, missing, link, folder, fileForFolder, extra, missingTree, notATree
    var testDescription: String { rawValue }

    func apply(_ fixture: StoreFixture) throws {
      let tree = fixture.path("versions/robot_001_v2")
      let file = "\(tree)/lora_adapters.npz"
      if [.otherBytes, .otherSize, .missing, .link, .folder].contains(self) {
        try #require(unlink(file) == 0)
      }
      switch self {
      case .otherBytes: try Data("weights of TWO".utf8).write(to: URL(filePath: file))
      case .otherSize: try Data("weights".utf8).write(to: URL(filePath: file))
      case .missing: break
      case .link: try #require(symlink("config/model_config.json", file) == 0)
      case .folder: try #require(mkdir(file, 0o755) == 0)
      case .fileForFolder:
        try FileManager.default.removeItem(atPath: "\(tree)/config")
        try Data().write(to: URL(filePath: "\(tree)/config"))
      case .extra: try Data().write(to: URL(filePath: "\(tree)/extra"))
      case .missingTree, .notATree:
        try FileManager.default.removeItem(atPath: tree)
        if self == .notATree { try Data().write(to: URL(filePath: tree)) }
      }
    }
  }

  @Test(arguments: TreeDamage.allCases)
  func `a tree that isn't exactly its files is found and not activated`(damage: TreeDamage) throws {
    let fixture = try store()
    let registry = try fixture.open()
    try damage.apply(fixture)
    let found = try registry.verify().damaged
    #expect(found.contains { $0.kind == .file && $0.versions.map(\.number) == [2] }, "\(found)")
    #expect(found.allSatisfy { $0.kind == .file })
    guard damage != .extra else { return }
    #expect([.integrity, .refused].contains(code { try registry.activate("robot_001_v2") }))
    #expect(fixture.active == "generations/1")
  }

  @Test(arguments: TreeDamage.allCases, [true, false])
  func `install, or publishing again, makes such a tree again`(damage: TreeDamage, installs: Bool) throws {
    let fixture = try store()
    let registry = try fixture.open()
    try damage.apply(fixture)
    if installs {
      #expect(try !registry.install("robot_001_v2").alreadyInstalled)
    } else {
      #expect(try fixture.publish("two", in: registry).version.number == 2)
    }
    #expect(try registry.verify().damaged == [])
    #expect(try registry.activate("robot_001_v2").switched)
    try fixture.expectSound()
  }

  @Test func `a tree entry is put right from its blob, and a blob from a tree entry`() throws {
    let fixture = try store()
    let registry = try fixture.open()
    try TreeDamage.otherBytes.apply(fixture)
    #expect(try registry.verify(repair: true).repaired.count == 1)
    #expect(try fixture.text("versions/robot_001_v2/lora_adapters.npz") == "weights of two")
    // An entry with an inode of its own, as a file system without links would have it.
    let (entry, blob) = (
      fixture.path("versions/robot_001_v2/lora_adapters.npz"), try fixture.blob(of: "robot_001_v2")
    )
    try Data("weights of two".utf8).write(to: URL(filePath: entry), options: .atomic)
    try breaking(fixture.path(blob), .zeroFilled)
    let result = try registry.verify(repair: true)
    #expect(result.repaired.count == 1 && result.damaged == [], "\(result)")
    #expect(try fixture.text(blob) == "weights of two")
    try fixture.expectSound()
  }

  @Test func `what can't be repaired from here stays damaged`() throws {
    let fixture = try store()
    let registry = try fixture.open()
    try breaking(fixture.path(fixture.blob(of: "robot_001_v2")), .flippedByte)
    let result = try registry.verify(repair: true)
    #expect(result.repaired == [] && result.damaged.count == 1)
    #expect(code { try registry.activate("robot_001_v2") } == .integrity)
  }

  @Test(arguments: ["missing", "elsewhere", "file"])
  func `a manifest's name that leads elsewhere is found and put right`(kind: String) throws {
    let fixture = try store()
    let name = fixture.path("manifests/robot_001_v2.json")
    try #require(unlink(name) == 0)
    if kind == "elsewhere" { try #require(symlink("../blobs/sha256/00/00", name) == 0) }
    if kind == "file" { try Data().write(to: URL(filePath: name)) }
    let registry = try fixture.open()
    let damage = try registry.verify().damaged
    #expect(damage.map(\.kind) == [.link] && damage.first?.paths == ["manifests/robot_001_v2.json"])
    #expect(try registry.verify(repair: true).damaged == [])
    try fixture.expectSound()
  }
}
