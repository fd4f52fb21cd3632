import DurableFiles
import Glibc
import Testing

@Suite(.scratch) struct DirectoryChangeTests {
  @Test func `modes are exact, whatever the umask`() async throws {
    await #expect(processExitsWith: .success) { [path = Scratch.path as String] in
      umask(0o077)
      let directory = try Directory.open(path)
      try directory.makeDirectory("open")
      try directory.makeDirectory("private", mode: 0o700)
      try put("file", in: directory)
      _ = try FileLock.tryAcquire("lock", in: directory, .exclusive)
      #expect(try directory.status("open")?.mode == 0o755)
      #expect(try directory.status("private")?.mode == 0o700)
      #expect(try directory.status("file")?.mode == 0o444)
      #expect(try directory.status("lock")?.mode == 0o600)
    }
  }

  @Test func `a taken name is refused`() throws {
    let directory = try Scratch.directory()
    try directory.makeDirectory("taken")
    try put("file", in: directory)
    #expect(failure { try directory.makeDirectory("taken") } == EEXIST)
    #expect(failure { try directory.makeLink("taken", to: "x") } == EEXIST)
    #expect(failure { try directory.hardLink("file", as: "taken", in: directory) } == EEXIST)
    #expect(failure { try directory.makeLink("new", to: "a\0b") } == EINVAL)
    #expect(failure { try directory.makeLink("new", to: "") } == ENOENT)
  }

  @Test func `a hard link to a symbolic link is to the link itself`() throws {
    let directory = try Scratch.directory()
    try put("file", in: directory)
    try directory.makeLink("link", to: "file")
    try directory.hardLink("link", as: "again", in: directory)
    #expect(try directory.readLink("again") == "file")
    #expect(try directory.status("file")?.linkCount == 1)
  }

  @Test func `removing says whether there was anything`() throws {
    let directory = try Scratch.directory()
    try put("file", in: directory)
    try directory.makeDirectory("sub")
    try directory.makeLink("link", to: "sub")
    #expect(try directory.remove("file"))
    #expect(try !directory.remove("file"))
    #expect(failure { try directory.remove("sub") } == EISDIR)
    #expect(failure { try directory.removeDirectory("link") } == ENOTDIR)
    #expect(try directory.remove("link"))
    #expect(try directory.removeDirectory("sub"))
    #expect(try !directory.removeDirectory("sub"))
  }

  @Test func `a mode is set on a file and never through a link`() throws {
    let directory = try Scratch.directory()
    try put("file", in: directory)
    try directory.makeLink("link", to: "file")
    try directory.setMode("file", 0o640)
    #expect(failure { try directory.setMode("link", 0o777) } == EOPNOTSUPP)
    #expect(try directory.status("file")?.mode == 0o640)
  }
}

/// Renames, as the kernel makes them and as the fallback does.
@Suite(.scratch) struct RenameTests {
  private static let ways = [Pretence(), .noExclusiveRename]

  @Test(arguments: ways)
  func `without replacing a taken name stays what it was`(way: Pretence) throws {
    let directory = try Scratch.directory()
    try put("new", [2], in: directory)
    try put("old", [1], in: directory)
    try directory.makeDirectory("newTree")
    try directory.makeDirectory("oldTree")
    try directory.makeLink("dangling", to: "nowhere")
    Pretence.$current.withValue(way) {
      #expect(failure { try directory.rename("new", to: "old", replacing: false) } == EEXIST)
      #expect(failure { try directory.rename("new", to: "dangling", replacing: false) } == EEXIST)
      #expect(failure { try directory.rename("newTree", to: "oldTree", replacing: false) } == EEXIST)
      #expect(failure { try directory.rename("nothing", to: "free", replacing: false) } == ENOENT)
    }
    #expect(try directory.readSmallFile("old") == [1])
    #expect(try directory.readSmallFile("new") == [2])
  }

  @Test(arguments: ways)
  func `without replacing a free name is taken, by files, links and directories`(way: Pretence) throws {
    let directory = try Scratch.directory()
    try directory.makeDirectory("other")
    let other = try directory.directory("other")
    try put("file", [1], in: directory)
    try directory.makeLink("link", to: "x")
    try directory.makeDirectory("tree")
    try put("content", [2], in: directory.directory("tree"))
    try Pretence.$current.withValue(way) {
      for name in ["file", "link", "tree"] {
        try directory.rename(name, to: "new-\(name)", in: other, replacing: false)
      }
    }
    #expect(try names(directory) == ["other"])
    #expect(try names(other) == ["new-file", "new-link", "new-tree"])
    #expect(try other.readSmallFile("new-tree/content") == [2])
    #expect(try other.status("new-file")?.linkCount == 1)
  }

  @Test func `replacing swaps a link in one step`() throws {
    let directory = try Scratch.directory()
    try directory.makeLink("active", to: "generations/1")
    try directory.makeLink("next", to: "generations/2")
    try directory.rename("next", to: "active", replacing: true)
    #expect(try directory.readLink("active") == "generations/2")
    #expect(try names(directory) == ["active"])
  }

  @Test func `a tree with content is never replaced`() throws {
    let directory = try Scratch.directory()
    for name in ["old", "new"] {
      try directory.makeDirectory(name)
      try put("content", in: directory.directory(name))
    }
    #expect(failure { try directory.rename("new", to: "old", replacing: true) } == ENOTEMPTY)
  }

  @Test func `two names of one file stay, as the documentation says`() throws {
    let directory = try Scratch.directory()
    try put("a", in: directory)
    try directory.hardLink("a", as: "b", in: directory)
    try directory.rename("a", to: "b", replacing: true)
    #expect(try names(directory) == ["a", "b"])
  }

  @Test(arguments: [EIO, ENOSPC])
  func `a failed sync is not asked again on the same object, and tells the same again`(code: Int32) throws {
    #if DEBUG
      let directory = try Scratch.directory()
      let plan = FaultPlan(.fail(at: 1, errno: code))
      FaultPlan.$current.withValue(plan) {
        #expect(failure { try directory.sync() } == code)
        #expect(failure { try directory.sync() } == code)
        #expect(plan.count == 1)
        #expect(failure { try Directory.open(Scratch.path).sync() } == nil)
      }
    #endif
  }
}
