import DurableFiles
import Glibc
import Testing

private func write(_ bytes: [UInt8], to file: NewFile) throws {
  try bytes.withUnsafeBytes { try file.write($0) }
}

@Suite(.scratch) struct NewFileTests {
  private static let ways = [Pretence(), .noUnnamedFiles, [.noUnnamedFiles, .noExclusiveRename]]

  @Test(arguments: ways)
  func `a file that is dropped leaves nothing`(way: Pretence) throws {
    let directory = try Scratch.directory()
    try Pretence.$current.withValue(way) {
      let file = try directory.createFile()
      try write([1, 2, 3], to: file)
      #expect(try file.status().size == 3)
    }
    #expect(try names(directory).isEmpty)
  }

  @Test func `a file in the making has no name, or a hidden one where it must`() throws {
    let directory = try Scratch.directory()
    let unnamed = try directory.createFile()
    #expect(try unnamed.status().linkCount == 0)
    #expect(try names(directory).isEmpty)
    try Pretence.$current.withValue(.noUnnamedFiles) {
      let hidden = try directory.createFile()
      #expect(try hidden.status().linkCount == 1)
      #expect(try names(directory).allSatisfy { $0.hasPrefix(".new-") })
    }
  }

  @Test(arguments: ways)
  func `a link shows the whole file, under its name only`(way: Pretence) throws {
    let directory = try Scratch.directory()
    try directory.makeDirectory("other")
    let other = try directory.directory("other")
    try Pretence.$current.withValue(way) {
      let file = try directory.createFile(mode: 0o640)
      try write([1], to: file)
      try write([], to: file)
      try write([2, 3], to: file)
      try file.sync()
      #expect(try file.link(as: "file", in: other))
    }
    #expect(try names(directory) == ["other"])
    #expect(try names(other) == ["file"])
    #expect(try other.readSmallFile("file") == [1, 2, 3])
    #expect(try other.status("file")?.mode == 0o640)
  }

  @Test(arguments: ways)
  func `a taken name is left alone and the file can get another`(way: Pretence) throws {
    let directory = try Scratch.directory()
    try put("taken", [1], in: directory)
    try directory.makeLink("dangling", to: "nowhere")
    try Pretence.$current.withValue(way) {
      let file = try directory.createFile()
      try write([2], to: file)
      try file.sync()
      #expect(try !file.link(as: "taken", in: directory))
      #expect(try !file.link(as: "dangling", in: directory))
      #expect(try file.link(as: "free", in: directory))
      #expect(try !file.link(as: "free", in: directory))
      #expect(try file.link(as: "second", in: directory))
    }
    #expect(try names(directory) == ["dangling", "free", "second", "taken"])
    #expect(try directory.readSmallFile("taken") == [1])
    #expect(try directory.readSmallFile("second") == [2])
  }

  @Test func `a clone is the same bytes, or says that it can't be`() throws {
    let directory = try Scratch.directory()
    try put("source", [1, 2, 3], in: directory)
    let file = try directory.createFile()
    let cloned = try file.clone(of: directory.openFile("source"))
    #expect(try file.status().size == (cloned ? 3 : 0))
    if try directory.fileSystem() == .ext { #expect(!cloned) }
  }

  @Test func `blocks are taken before the bytes come`() throws {
    let directory = try Scratch.directory()
    let file = try directory.createFile()
    try #require(try file.preallocate(1 << 20))
    #expect(try file.status().allocatedBytes >= 1 << 20)
    #expect(try file.status().size == 0)
    try write([1], to: file)
    #expect(try file.status().size == 1)
    file.startWriteback(from: 0, count: 1)
    #expect(try file.preallocate(1 << 21, extending: true))
    #expect(try file.status().size == 1 << 21)
    #expect(try !Pretence.$current.withValue(.noPreallocation) { try file.preallocate(1 << 22) })
  }

  @Test(.enabled(if: Mount.isPossible, Mount.reason))
  func `a file can't be linked on another file system`() async throws {
    await #expect(processExitsWith: .success) { [path = Scratch.path as String] in
      let directory = try Directory.open(path)
      try Mount.tmpfs.with(path) { mounted in
        #expect(failure { try directory.createFile().link(as: "x", in: mounted) } == EXDEV)
      }
    }
  }

  @Test(.enabled(if: Mount.isPossible, Mount.reason), arguments: Mount.allCases)
  func `a full disk poisons the file, and dropping it gives the space back`(mount: Mount) async throws {
    await #expect(processExitsWith: .success) { [path = Scratch.path as String, mount] in
      try mount.with(path) { mounted in
        try put("small", [1], in: mounted)
        let before = try mounted.freeSpace().bytes
        do {
          let file = try mounted.createFile()
          let piece = [UInt8](repeating: 1, count: 1 << 20)
          #expect(failure { for _ in 0..<17 { try write(piece, to: file) } } == ENOSPC)
          #expect(failure { try write([1], to: file) } == EIO)
          #expect(failure { try file.sync() } == EIO)
          #expect(failure { try file.link(as: "large", in: mounted) } == EIO)
          #expect(failure { try mounted.createFile().preallocate(1 << 30) } == ENOSPC)
        }
        try mounted.sync()
        #expect(try mounted.freeSpace().bytes >= before - (64 << 10))
        #expect(try names(mounted).filter { $0 != "lost+found" } == ["small"])
      }
    }
  }

  #if DEBUG
    @Test func `a failed sync poisons the file`() throws {
      let directory = try Scratch.directory()
      let plan = FaultPlan(.fail(at: 3, errno: EIO))
      try FaultPlan.$current.withValue(plan) {
        let file = try directory.createFile()
        try write([1], to: file)
        #expect(failure { try file.sync() } == EIO)
        #expect(failure { try file.sync() } == EIO)
        #expect(failure { try file.link(as: "file", in: directory) } == EIO)
      }
      #expect(plan.steps == ["create new file in .", "write new file in .", "sync new file in ."])
      #expect(try names(directory).isEmpty)
    }
  #endif
}
