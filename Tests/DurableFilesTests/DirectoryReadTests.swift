import DurableFiles
import Glibc
import Testing

@Suite(.scratch) struct DirectoryReadTests {
  @Test func `a pipe without a writer can't hold up opening`() throws {
    let directory = try Scratch.directory()
    try #require(mkfifo("\(Scratch.path)/pipe", 0o644) == 0)
    #expect(failure { try directory.openFile("pipe") } == EINVAL)
    #expect(try directory.status("pipe")?.kind == .other)
  }

  @Test func `only regular files are opened`() throws {
    let directory = try Scratch.directory()
    try directory.makeDirectory("sub")
    #expect(failure { try directory.openFile("sub") } == EISDIR)
    #expect(failure { try directory.openFile("nothing") } == ENOENT)
    #expect(failure { try Directory.open("/dev").openFile("null") } == EINVAL)
  }

  @Test func `the operator's own path may go through a link`() throws {
    let directory = try Scratch.directory()
    try directory.makeDirectory("real")
    try directory.makeLink("alias", to: "real")
    let real = try directory.directory("real").ownStatus()
    #expect(try Directory.open("\(Scratch.path)/alias").ownStatus() == real)
    #expect(failure { try Directory.open("\(Scratch.path)/nothing") } == ENOENT)
    #expect(failure { try Directory.open("/tmp\0/x") } == EINVAL)
  }

  @Test func `a folder knows what it lies in, up to the top of its file system`() throws {
    let directory = try Scratch.directory()
    try directory.makeDirectory("sub")
    try directory.makeLink("alias", to: "sub")
    let parent = try #require(try Directory.open("\(Scratch.path)/alias").parent())
    #expect(try parent.ownStatus().inode == directory.ownStatus().inode)
    #expect(try Directory.open("/").parent() == nil)
    #expect(try Directory.open("/proc").parent() == nil, "another file system lies above")
  }

  @Test func `a status describes the file, and a link as a link`() throws {
    let directory = try Scratch.directory()
    try put("file", [UInt8](repeating: 7, count: 5000), in: directory)
    try directory.makeLink("link", to: "file")
    let file = try #require(try directory.status("file"))
    #expect(file.kind == .file && file.size == 5000 && file.mode == 0o444 && file.linkCount == 1)
    #expect(file.owner == geteuid() && file.allocatedBytes >= 5000 && file.modifiedNanoseconds > 0)
    #expect(try directory.status("link")?.kind == .link)
    #expect(try directory.status("nothing") == nil)
    #expect(try directory.status("nothing/below") == nil)
    #expect(failure { try directory.status("file/below") } == ENOTDIR)
    try directory.hardLink("file", as: "again", in: directory)
    let again = try #require(try directory.status("again"))
    #expect(again.inode == file.inode && again.linkCount == 2)
    #expect(again.changedNanoseconds >= file.changedNanoseconds)
  }

  @Test func `a link is read as it was written`() throws {
    let directory = try Scratch.directory()
    let target = String(repeating: "long/", count: 400) + "é"
    try directory.makeLink("link", to: target)
    #expect(try directory.readLink("link") == target)
    #expect(try directory.readLink("nothing") == nil)
    try put("file", in: directory)
    #expect(failure { try directory.readLink("file") } == EINVAL)
    try #require(symlink("/\u{1}\u{7F}", "\(Scratch.path)/odd") == 0)
    #expect(try directory.readLink("odd") == "/\u{1}\u{7F}")
    let bytes: [CChar] = [-1, 0]
    try #require(symlink(bytes, "\(Scratch.path)/broken") == 0)
    #expect(failure { try directory.readLink("broken") } == EILSEQ)
  }

  @Test(arguments: [0, 1, 511, 512, 513, 100_000])
  func `a small file is read whole`(size: Int) throws {
    let directory = try Scratch.directory()
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
    try put("file", bytes, in: directory)
    #expect(try directory.readSmallFile("file") == bytes)
    #expect(try directory.readSmallFile("file", limit: size) == bytes)
    if size > 0 { #expect(failure { try directory.readSmallFile("file", limit: size - 1) } == EFBIG) }
  }

  @Test func `a file whose size the kernel doesn't know is read to its end and held to the limit`() throws {
    let process = try Directory.open("/proc/self")
    #expect(try process.status("status")?.size == 0)
    #expect(try process.readSmallFile("status").count > 512)
    #expect(failure { try process.readSmallFile("status", limit: 100) } == EFBIG)
  }
}

@Suite(.scratch) struct DirectoryEntriesTests {
  @Test func `entries are sorted by bytes, with their kinds`() throws {
    let directory = try Scratch.directory()
    for name in ["b", "a", "é", "Z", "10", "9"] { try put(name, in: directory) }
    try directory.makeDirectory("dir")
    try directory.makeLink("link", to: "dir")
    try #require(mkfifo("\(Scratch.path)/pipe", 0o644) == 0)
    #expect(try names(directory) == ["10", "9", "Z", "a", "b", "dir", "link", "pipe", "é"])
    let kinds = try directory.entries().map(\.kind)
    #expect(kinds == [.file, .file, .file, .file, .file, .directory, .link, .other, .file])
  }

  @Test func `a name that isn't UTF-8 is reported, not dropped`() throws {
    let directory = try Scratch.directory()
    let bytes = Array(Scratch.path.utf8) + [0x2F, 0x61, 0xFF, 0]
    let made = bytes.map { CChar(bitPattern: $0) }
    try #require(mkdir(made, 0o755) == 0)
    let entry = try #require(try directory.entries().first)
    #expect(!entry.isUTF8 && entry.bytes == [0x61, 0xFF] && entry.kind == .directory)
    try directory.makeDirectory("tree")
    try #require(rename(made, made.dropLast(3) + Array("tree/a\u{301}".utf8CString)) == 0)
  }

  @Test func `two names that Swift calls equal are two entries`() throws {
    let directory = try Scratch.directory()
    try put("e\u{301}", in: directory)
    try put("\u{E9}", in: directory)
    #expect(Set(try directory.entries()).count == 2)
  }

  @Test func `every listing starts at the beginning, also beside another one`() async throws {
    let directory = try Scratch.directory()
    for number in 0..<200 { try directory.makeDirectory("d\(number)") }
    let counts = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<8 { group.addTask { try directory.entries().count } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(counts == Array(repeating: 200, count: 8))
    #expect(try directory.entries().count == 200)
  }

  @Test func `a directory that was removed lists nothing and has no links`() throws {
    let directory = try Scratch.directory()
    try directory.makeDirectory("sub")
    let sub = try directory.directory("sub")
    try directory.removeDirectory("sub")
    #expect(try sub.ownStatus().linkCount == 0)
    #expect(try sub.entries().isEmpty)
    #expect(failure { try sub.makeDirectory("below") } == ENOENT)
  }
}
