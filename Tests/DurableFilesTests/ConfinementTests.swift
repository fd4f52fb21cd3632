import DurableFiles
import Glibc
import Testing

/// Nothing leads out of a directory, with openat2 and with the walk that stands in for it.
@Suite(.scratch) struct ConfinementTests {
  /// A store beside something secret, with every kind of way out planted in it.
  private func plant() throws -> Directory {
    let scratch = try Scratch.directory()
    try put("secret", [1], in: scratch)
    try scratch.makeDirectory("outside")
    try put("file", [2], in: scratch.directory("outside"))
    try scratch.makeDirectory("store")
    let store = try scratch.directory("store")
    try store.makeDirectory("inside")
    try put("file", [3], in: store.directory("inside"))
    try store.makeLink("up", to: "..")
    try store.makeLink("out", to: "../outside")
    try store.makeLink("absolute", to: "/tmp")
    try store.makeLink("stolen", to: "../secret")
    try store.makeLink("harmless", to: "inside")
    try store.makeLink("loop", to: "loop")
    try store.makeLink("dangling", to: "nowhere")
    try store.makeLink("magic", to: "/proc/self/root")
    return store
  }

  private static let paths = [
    "inside", "inside/file", "inside/nothing", "nothing", "nothing/file", "inside/file/deeper", "up",
    "up/secret",
    "out", "out/file", "absolute", "absolute/x", "stolen", "harmless", "harmless/file", "loop", "loop/x",
    "dangling",
    "magic", "magic/etc", "..", "../secret", "inside/..", "inside/../../secret", "inside/../inside", "/",
    "/tmp",
    "//tmp", "", ".", "./inside", "inside/.", "inside/", "inside//file", "inside\0/file",
    String(repeating: "n", count: 300), "inside/" + String(repeating: "n", count: 300),
  ]

  @Test(arguments: paths)
  func `the checked walk gives the same answers as openat2`(path: String) throws {
    let store = try plant()
    let asked = (
      failure { try store.directory(path) }, failure { try store.openFile(path) },
      failure { try store.status(path) }
    )
    let walked = Pretence.$current.withValue(.noConfinedOpen) {
      (
        failure { try store.directory(path) }, failure { try store.openFile(path) },
        failure { try store.status(path) }
      )
    }
    #expect(asked == walked)
  }

  @Test(arguments: [Pretence(), .noConfinedOpen])
  func `no symbolic link is crossed, wherever it leads`(pretence: Pretence) throws {
    let store = try plant()
    Pretence.$current.withValue(pretence) {
      for path in [
        "up", "out", "absolute", "harmless", "loop", "dangling", "magic", "out/file", "harmless/file",
      ] {
        #expect(failure { try store.directory(path) } == ELOOP, "\(path)")
        #expect(failure { try store.openFile(path) } == ELOOP, "\(path)")
      }
      #expect(failure { try store.readSmallFile("stolen") } == ELOOP)
      #expect(failure { try store.status("up/secret") } == ELOOP)
      #expect(failure { try store.readLink("harmless/file") } == ELOOP)
      #expect(failure { try store.readSmallFile("inside/file") } == nil)
    }
  }

  @Test func `a malformed path is refused before any call`() throws {
    let store = try plant()
    for path in ["..", "../secret", "inside/..", "inside/../inside", "/", "/etc", "inside/../../secret"] {
      #expect(failure { try store.openFile(path) } == EXDEV, "\(path)")
    }
    for path in ["", ".", "./inside", "inside/", "inside//file", "a\0b"] {
      #expect(failure { try store.openFile(path) } == EINVAL, "\(path)")
    }
  }

  @Test func `a slash that Swift sees as part of a character is still a slash`() throws {
    let store = try plant()
    #expect(failure { try store.makeDirectory("inside/\u{301}x") } == EINVAL)
    #expect(failure { try store.openFile("..\u{2F}\u{301}") } == EXDEV)
  }

  @Test(arguments: ["", ".", "..", "/", "/x", "inside/x", "inside/", "a\0b"])
  func `a change takes one component only`(name: String) throws {
    let store = try plant()
    let file = try store.createFile()
    let refused: Set<Int32?> = [EINVAL, EXDEV]
    #expect(refused.contains(failure { try store.makeDirectory(name) }))
    #expect(refused.contains(failure { try store.makeLink(name, to: "inside") }))
    #expect(refused.contains(failure { try store.hardLink(name, as: "x", in: store) }))
    #expect(refused.contains(failure { try store.hardLink("stolen", as: name, in: store) }))
    #expect(refused.contains(failure { try store.rename(name, to: "x", replacing: true) }))
    #expect(refused.contains(failure { try store.rename("stolen", to: name, replacing: false) }))
    #expect(refused.contains(failure { try store.remove(name) }))
    #expect(refused.contains(failure { try store.removeDirectory(name) }))
    #expect(refused.contains(failure { try store.removeTree(name) }))
    #expect(refused.contains(failure { try store.setMode(name, 0o600) }))
    #expect(refused.contains(failure { try file.link(as: name, in: store) }))
    #expect(refused.contains(failure { try FileLock.tryAcquire(name, in: store, .shared) }))
  }
}
