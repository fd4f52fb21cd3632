import DurableFiles
import Foundation
import Glibc
@testable import ModelRegistry
import TestSupport
import Testing

/// Each refusal leaves the store as it was, to the byte.
@Suite struct `What import refuses` {
  private func refused(
    _ path: String, in fixture: StoreFixture, _ expected: RegistryError.Code = .integrity,
    _ words: String = "",
    as adapter: AdapterName? = nil, at location: SourceLocation = #_sourceLocation
  ) throws {
    let registry = try fixture.open()
    let before = try StoreSnapshot(fixture.root)
    let error = try failure(at: location) {
      try registry.importVersions(ImportRequest(path: path, adapter: adapter))
    }
    #expect(error.code == expected, "\(error)", sourceLocation: location)
    #expect(words.isEmpty || error.message.contains(words), "\(error)", sourceLocation: location)
    #expect(error.unchanged != "" && error.hint != "", sourceLocation: location)
    #expect(before.differences(to: try StoreSnapshot(fixture.root)) == [], sourceLocation: location)
  }

  enum Hostile: String, CaseIterable, CustomTestStringConvertible {
    case parent, parentInside, absolute, backslash, emptyPart, control, tooLong
    case link, hardLink, device, block, pipe
    case duplicate, caseFold, normalisation, fileAndFolder

    var testDescription: String { rawValue }

    var entries: [MadeArchive.Entry] {
      let bytes: [UInt8] = [1]
      return switch self {
      case .parent: [.init("../evil", bytes)]
      case .parentInside: [.init("a/../../evil", bytes)]
      case .absolute: [.init("/tmp/evil", bytes)]
      case .backslash: [.init("a\\b", bytes)]
      case .emptyPart: [.init("a//b", bytes)]
      case .control: [.init("a\u{1b}b", bytes)]
      case .tooLong: [.init(String(repeating: "abcdefghij/", count: 9) + "x", bytes)]
      case .link: [.init("link", kind: "2", target: "/etc/passwd")]
      case .hardLink: [.init("hard", kind: "1", target: "lora_adapters.npz")]
      case .device: [.init("null", kind: "3")]
      case .block: [.init("disk", kind: "4")]
      case .pipe: [.init("pipe", kind: "6")]
      case .duplicate: [.init("lora_adapters.npz", bytes)]
      case .caseFold: [.init("LoRA_adapters.npz", bytes)]
      case .normalisation: [.init("caf\u{e9}", bytes), .init("cafe\u{301}", bytes)]
      case .fileAndFolder: [.init("lora_adapters.npz/inner", bytes)]
      }
    }
  }

  @Test(arguments: Hostile.allCases)
  func `an archive with a name or an entry that has no place in a store`(hostile: Hostile) throws {
    let fixture = try StoreFixture.copied()
    var archive = try ForeignModel.plan02("four").archive
    archive.entries += hostile.entries
    for ending in ["tar", "tar.gz"] {
      try refused(archive.write("evil.\(ending)", in: fixture.scratch), in: fixture)
    }
    guard ![.hardLink, .device, .block, .pipe].contains(hostile) else { return }
    archive.entries = archive.entries.map { entry in
      var entry = entry
      if entry.kind == "2" { entry.bytes = Array(entry.target.utf8) }
      return entry
    }
    try refused(archive.write("evil.zip", in: fixture.scratch), in: fixture)
  }

  @Test func `a zip whose names are in another encoding, or whose entries are encrypted or damaged`() throws {
    let fixture = try StoreFixture.copied()
    let model = try ForeignModel.plan02("four").archive
    let odd: [MadeArchive.Entry] = [
      .init(raw: [0x63, 0x61, 0x66, 0xe9], [1]), .init(raw: [0x63, 0x82], [1]),
      .init(raw: [0xff, 0xfe], [1], flags: 0x800), .init("secret", [1, 2, 3], flags: 0x801),
      .init("broken", [1, 2, 3], isBad: true),
    ]
    for (number, entry) in odd.enumerated() {
      var archive = model
      archive.entries.append(entry)
      try refused(archive.write("odd-\(number).zip", in: fixture.scratch), in: fixture)
    }
  }

  @Test(arguments: ["zip", "tar", "tar.gz"])
  func `an archive that ends too early, wherever`(ending: String) throws {
    let fixture = try StoreFixture.copied()
    let whole = try ForeignModel.ota("seed").write(archive: "whole.\(ending)", in: fixture.scratch)
    let bytes = try Array(Data(contentsOf: URL(filePath: whole)))
    // A tar ends with 1,024 zeros; whoever cuts in these has lost nothing.
    let last = ending == "tar" ? bytes.count - 1025 : bytes.count - 1
    let path = fixture.scratch("cut.\(ending)")
    for length in stride(from: 1, to: last, by: max(1, last / 12)) + [last] {
      try fixture.scratch.write("cut.\(ending)", Array(bytes.prefix(length)))
      try refused(path, in: fixture)
    }
    try fixture.scratch.write("cut.\(ending)", [])
    let registry = try fixture.open()
    #expect(code { try registry.importVersions(ImportRequest(path: path)) } != nil)
    try fixture.scratch.write("cut.\(ending)", "neither zip nor tar, but text")
    try refused(path, in: fixture)
  }

  @Test func `an archive that unpacks to far more than it has`() throws {
    let fixture = try StoreFixture.copied()
    let plain = [UInt8](repeating: 0, count: 96 << 20)
    let model = MadeArchive([.init("a.npz", plain)])
    try refused(model.write("bomb.tar.gz", in: fixture.scratch), in: fixture, .integrity, "unpacks to more")
  }

  @Test func `an archive with more entries than are good`() throws {
    let fixture = try StoreFixture.copied()
    let archive = MadeArchive((0...ImportIntake.entryLimit).map { .init("d\($0)/", kind: "5") })
    try refused(archive.write("many.tar.gz", in: fixture.scratch), in: fixture, .integrity, "entries")
  }

  @Test func `a folder with links, devices, or a layout that isn't vouched for`() throws {
    let fixture = try StoreFixture.copied()
    let model = try ForeignModel.plan02("four")
    let linked = try model.write("linked", in: fixture.scratch)
    try #require(symlink("/etc/passwd", "\(linked)/link") == 0)
    try refused(linked, in: fixture, .integrity, "link")
    let piped = try model.write("piped", in: fixture.scratch)
    try #require(mkfifo("\(piped)/pipe", 0o600) == 0)
    try refused(piped, in: fixture)
    let stray = try model.write("stray", in: fixture.scratch)
    try fixture.scratch.write("stray/extra.bin", "x")
    try refused(stray, in: fixture, .integrity, "nobody vouches for \"extra.bin\"")
    let changed = try model.write("changed", in: fixture.scratch)
    try fixture.scratch.write("changed/lora_adapters.npz", "weights of fear")
    try refused(changed, in: fixture, .integrity, "digest")
    let unknown = try ForeignModel.plan02("four", type: "backbone").write("unknown", in: fixture.scratch)
    try refused(unknown, in: fixture, .integrity, "model_type")
    let plain = try fixture.source("plain")
    try refused(plain, in: fixture, .usage, "no layout")
    let open = try ForeignModel.cloud("x").write("job_1", in: fixture.scratch)
    try refused(open, in: fixture, .usage, "adapter")
    try refused(fixture.scratch("nowhere"), in: fixture, .notFound)
    try refused(fixture.scratch.write("notes.txt", "x"), in: fixture, .usage)
    try refused("s3://bucket/models/job_1", in: fixture, .usage, "gs://")
    try refused("gs://bucket/models/job_1", in: fixture, .refused, "allowed")
  }
}
