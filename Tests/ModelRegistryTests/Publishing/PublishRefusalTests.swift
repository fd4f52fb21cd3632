import Foundation
import Glibc
import ModelRegistry
import Synchronization
import TestSupport
import Testing

/// Each refusal leaves the store as it was, to the byte.
@Suite struct PublishRefusalTests {
  enum BadSource: String, CaseIterable, CustomTestStringConvertible {
    case symbolicLink, danglingLink, linkToFolder, fifo, socket, device
    case notUTF8, controlCharacter, backslash, caseFold, normalisation, emptyFolder, missing

    var testDescription: String { rawValue }

    func make(_ scratch: Scratch) throws -> String {
      try scratch.write("bad/good.bin", "good")
      let folder = scratch("bad")
      switch self {
      case .symbolicLink: try #require(symlink("good.bin", "\(folder)/link") == 0)
      case .danglingLink: try #require(symlink("nowhere", "\(folder)/link") == 0)
      case .linkToFolder: try #require(symlink("/etc", "\(folder)/link") == 0)
      case .fifo: try #require(mkfifo("\(folder)/pipe", 0o600) == 0)
      case .socket: try #require(mknod("\(folder)/socket", S_IFSOCK | 0o600, 0) == 0)
      case .device:
        // Without root there is no device to make; a link to one is refused as well.
        if mknod("\(folder)/null", S_IFCHR | 0o600, 0x103) != 0 {
          try #require(symlink("/dev/null", "\(folder)/null") == 0)
        }
      case .notUTF8:
        let name: [UInt8] = Array("\(folder)/".utf8) + [0xFF, 0xFE, 0]
        let file = name.withUnsafeBytes {
          open($0.bindMemory(to: CChar.self).baseAddress!, O_CREAT | O_WRONLY, 0o600)
        }
        try #require(file >= 0)
        close(file)
      case .controlCharacter: try scratch.write("bad/line\nend", "x")
      case .backslash: try scratch.write("bad/a\\b", "x")
      case .caseFold: try scratch.write("bad/GOOD.bin", "x")
      case .normalisation:
        try scratch.write("bad/caf\u{E9}", "x")
        try scratch.write("bad/cafe\u{301}", "x")
      case .emptyFolder: try #require(unlink("\(folder)/good.bin") == 0)
      case .missing: return scratch("nowhere")
      }
      return folder
    }

    var code: RegistryError.Code {
      switch self {
      case .emptyFolder: .usage
      case .missing: .notFound
      default: .integrity
      }
    }
  }

  @Test(arguments: BadSource.allCases)
  func `a source with something else than plain files is refused`(bad: BadSource) throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let folder = try bad.make(fixture.scratch)
    let changed = try change(of: fixture.root) { () throws in
      let error = try failure { try registry.publish(PublishRequest(adapter: "robot_001", paths: [folder])) }
      #expect(error.code == bad.code, "\(error)")
      #expect(!error.hint.isEmpty && !error.unchanged.isEmpty)
    }
    #expect(changed == [])
    #expect(try registry.versions().items.count == 3)
  }

  @Test(arguments: [true, false])
  func `a path that is itself a link to a file, or no file, is refused`(isLink: Bool) throws {
    let fixture = try StoreFixture()
    let path = fixture.scratch("given")
    if isLink {
      try #require(symlink(try fixture.scratch.write("real", "x"), path) == 0)
    } else {
      try #require(mkfifo(path, 0o600) == 0)
    }
    let registry = try fixture.open()
    let changed = try change(of: fixture.root) { () throws in
      #expect(
        code { try registry.publish(PublishRequest(adapter: "robot_001", paths: [path])) } == .integrity)
    }
    #expect(changed == [])
  }

  @Test func `two sources with one path between them are refused`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    let paths = [try fixture.source("one"), try fixture.source("two")]
    let changed = try change(of: fixture.root) { () throws in
      let error = try failure { try registry.publish(PublishRequest(adapter: "robot_001", paths: paths)) }
      #expect(error.code == .integrity && error.message.contains("twice"))
    }
    #expect(changed == [])
  }

  @Test func `a file where another needs a folder is refused`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    let file = try fixture.scratch.write("x/config", "a file")
    let changed = try change(of: fixture.root) { () throws in
      let request = PublishRequest(adapter: "robot_001", paths: [try fixture.source("one"), file])
      #expect(code { try registry.publish(request) } == .integrity)
    }
    #expect(changed == [])
  }

  enum Meddling: String, CaseIterable, CustomTestStringConvertible {
    case grows, shrinks, isRewritten
    var testDescription: String { rawValue }
  }

  @Test(arguments: Meddling.allCases)
  func `a file that changes while it is read is refused`(how: Meddling) throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    // Two buffers long, so that there is a moment in the middle of it.
    let path = try fixture.scratch.write("weights", [UInt8](repeating: 1, count: 2 << 20))
    let meddled = Mutex(false)
    let changed = try change(of: fixture.root) { () throws in
      let error = try failure {
        try registry.publish(PublishRequest(adapter: "robot_001", paths: [path])) { done, _ in
          guard done > 0,
            meddled.withLock({
              let first = !$0; $0 = true; return first
            })
          else { return }
          let file = open(path, O_RDWR)
          defer { close(file) }
          switch how {
          case .grows: pwrite(file, "more", 4, 2 << 20)
          case .shrinks: ftruncate(file, 1 << 20)
          case .isRewritten: pwrite(file, "else", 4, 0)
          }
        }
      }
      #expect(error.code == .failed && error.message.contains("changed while it was read"), "\(error)")
    }
    #expect(changed == [])
  }

  @Test func `bad words about a version are refused before anything is kept`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let changed = try change(of: fixture.root) { () throws in
      #expect(code { try fixture.publish("new", in: registry) { $0.metrics = ["loss": .nan] } } == .integrity)
      #expect(code { try fixture.publish("new", in: registry) { $0.framework = "" } } == .integrity)
      #expect(code { try fixture.publish("new", in: registry) { $0.base = "robot_001_v99" } } == .notFound)
      #expect(
        code { try fixture.publish("new", in: registry) { $0.archives = ["/nowhere/archive.tar"] } }
          == .notFound)
      let folder = try fixture.source("one")
      #expect(code { try fixture.publish("new", in: registry) { $0.archives = [folder] } } == .usage)
      let file = try fixture.scratch.write("no-archive.json", "{}")
      #expect(code { try fixture.publish("new", in: registry) { $0.archives = [file] } } == .integrity)
      let twice = "sha256:" + String(repeating: "7", count: 64)
      #expect(
        code { try fixture.publish("new", in: registry) { $0.archives = [twice, twice] } } == .integrity)
      #expect(
        code { try fixture.publish("new", number: 9, in: registry) { $0.note = "\u{1B}[2J" } } == .integrity)
    }
    #expect(changed == [])
  }
}
