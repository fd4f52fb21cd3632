import DurableFiles
import Glibc
import Testing

@Suite(.scratch) struct TreeRemovalTests {
  @Test func `links are removed, not followed`() throws {
    let scratch = try Scratch.directory()
    try scratch.makeDirectory("kept")
    try put("file", [1], in: scratch.directory("kept"))
    try scratch.makeDirectory("tree")
    let tree = try scratch.directory("tree")
    try tree.makeLink("link", to: "../kept")
    try tree.makeLink("absolute", to: "\(Scratch.path)/kept/file")
    try scratch.makeLink("toTree", to: "tree")
    try scratch.removeTree("toTree")
    #expect(try names(scratch) == ["kept", "tree"])
    try scratch.removeTree("tree")
    #expect(try names(scratch) == ["kept"])
    #expect(try scratch.readSmallFile("kept/file") == [1])
  }

  @Test func `a missing name and a plain file are fine`() throws {
    let scratch = try Scratch.directory()
    try scratch.removeTree("nothing")
    try put("file", in: scratch)
    try scratch.removeTree("file")
    #expect(try names(scratch).isEmpty)
  }

  @Test func `a tree deeper than its limit of open levels goes too`() throws {
    let scratch = try Scratch.directory()
    try scratch.makeDirectory("tree")
    var directory = try scratch.directory("tree")
    for _ in 0..<150 {
      try directory.makeDirectory("d")
      try directory.makeLink("l", to: "d")
      directory = try directory.directory("d")
    }
    try scratch.removeTree("tree")
    #expect(try names(scratch).isEmpty)
  }

  @Test func `a wide tree and names that aren't UTF-8 go too`() throws {
    let scratch = try Scratch.directory()
    try scratch.makeDirectory("tree")
    let tree = try scratch.directory("tree")
    for number in 0..<2000 { try tree.makeLink("some rather long name \(number)", to: "x") }
    let odd = (Array("\(Scratch.path)/tree/".utf8) + [0xFF, 0]).map { CChar(bitPattern: $0) }
    try #require(mkdir(odd, 0o755) == 0)
    try scratch.removeTree("tree")
    #expect(try names(scratch).isEmpty)
  }

  @Test func `directories of our own that nobody may write or read go too`() async throws {
    let owner: uid_t = geteuid() == 0 ? 65534 : geteuid()
    try #require(chown(Scratch.path, owner, gid_t.max) == 0)
    await #expect(processExitsWith: .success) { [path = Scratch.path as String, owner = owner as uid_t] in
      // Root may write everything, so the child becomes somebody else.
      if geteuid() == 0 { try #require(setuid(owner) == 0) }
      let scratch = try Directory.open(path)
      try scratch.makeDirectory("tree")
      let tree = try scratch.directory("tree")
      for mode: UInt32 in [0o555, 0o000, 0o300] {
        let name = String(mode, radix: 8)
        try tree.makeDirectory(name)
        try tree.directory(name).makeDirectory("below")
        try put("file", in: tree.directory(name))
        try tree.setMode(name, mode)
      }
      try scratch.setMode("tree", 0o555)
      try scratch.removeTree("tree")
      #expect(try names(scratch).isEmpty)
    }
  }

  @Test(.enabled(if: Mount.isPossible, Mount.reason))
  func `another file system mounted inside is left alone`() async throws {
    await #expect(processExitsWith: .success) { [path = Scratch.path as String] in
      let scratch = try Directory.open(path)
      try Mount.tmpfs.with(path) { mounted in
        try put("file", [1], in: mounted)
        #expect(failure { try scratch.removeTree("mounted") } == EXDEV)
        #expect(try mounted.readSmallFile("file") == [1])
      }
    }
  }

  #if DEBUG
    @Test func `an interrupted removal can be repeated`() throws {
      let scratch = try Scratch.directory()
      func plant() throws {
        try scratch.makeDirectory("tree")
        try scratch.directory("tree").makeDirectory("sub")
        for name in ["a", "b"] { try put(name, in: scratch.directory("tree/sub")) }
      }
      try plant()
      let plan = FaultPlan(.record)
      try FaultPlan.$current.withValue(plan) { try scratch.removeTree("tree") }
      #expect(plan.steps.last == "rmdir tree: tree" && plan.count == 4)
      for step in 1...plan.count {
        try plant()
        FaultPlan.$current.withValue(FaultPlan(.fail(at: step, errno: EIO))) {
          #expect(failure { try scratch.removeTree("tree") } == EIO)
        }
        try scratch.removeTree("tree")
        #expect(try scratch.status("tree") == nil)
      }
    }
  #endif
}
