import DurableFiles
import Glibc
import Testing

@Suite(.scratch) struct FreeSpaceTests {
  @Test(.enabled(if: Mount.isPossible, Mount.reason), arguments: Mount.allCases)
  func `free space falls by what is written`(mount: Mount) async throws {
    await #expect(processExitsWith: .success) { [path = Scratch.path as String, mount] in
      try mount.with(path) { mounted in
        let before = try mounted.freeSpace()
        #expect(before.bytes > 8 << 20 && before.bytes <= 16 << 20)
        try put("file", [UInt8](repeating: 1, count: 1 << 20), in: mounted)
        let after = try mounted.freeSpace()
        #expect(before.bytes - after.bytes >= 1 << 20)
        let inodes = try #require(before.inodes)
        #expect(after.inodes == inodes - 1)
        #expect(try mounted.fileSystem() == (mount == .tmpfs ? .tmpfs : .ext))
      }
    }
  }

  @Test func `there is some free space here`() throws {
    let space = try Scratch.directory().freeSpace()
    #expect(space.bytes > 0 && space.inodes != 0)
  }
}

@Suite struct FileSystemKindTests {
  @Test(arguments: [
    (UInt64(0xEF53), FileSystemKind.ext), (0x9123_683E, .btrfs), (0x5846_5342, .xfs), (0x0102_1994, .tmpfs),
    (0x794C_7630, .overlay), (0x4D44, .fat), (0x2011_BAB0, .exfat), (0x6969, .nfs), (0x517B, .smb),
    (0xFF53_4D42, .smb), (0xFE53_4D42, .smb), (0x6573_5546, .fuse), (0x2FC1_2FC1, .other(0x2FC1_2FC1)),
  ])
  func `a magic number names a file system`(magic: UInt64, kind: FileSystemKind) {
    #expect(FileSystemKind(magic: magic) == kind)
  }

  @Test func `a store refuses exactly FAT, exFAT, NFS and SMB, with a reason`() {
    for kind in [FileSystemKind.fat, .exfat, .nfs, .smb] { #expect(kind.refusal?.isEmpty == false) }
    for kind in [FileSystemKind.ext, .btrfs, .xfs, .tmpfs, .overlay, .fuse, .other(1)] {
      #expect(kind.refusal == nil)
    }
  }
}

private let reserveBytes: Int64 = 1 << 20

@Suite(.scratch) struct ReserveTests {
  @Test(arguments: [Pretence(), .noPreallocation, [.noPreallocation, .noUnnamedFiles]])
  func `an armed reserve has real blocks`(way: Pretence) throws {
    let directory = try Scratch.directory()
    let reserve = Reserve(in: directory)
    #expect(!reserve.isArmed)
    #expect(try Pretence.$current.withValue(way) { try reserve.arm(reserveBytes) })
    let status = try #require(try directory.status("reserve"))
    #expect(status.allocatedBytes >= reserveBytes && status.size == reserveBytes)
    #expect(reserve.isArmed)
    #expect(try reserve.arm(reserveBytes))
    #expect(try directory.status("reserve")?.inode == status.inode)
    #expect(try names(directory) == ["reserve"])
    #expect(try reserve.release())
    #expect(try !reserve.release())
    #expect(!reserve.isArmed)
  }

  @Test func `a copy without blocks is no reserve and is replaced`() throws {
    let directory = try Scratch.directory()
    try put("reserve", in: directory)
    try directory.setMode("reserve", 0o644)
    try #require(truncate("\(Scratch.path)/reserve", off_t(reserveBytes)) == 0)
    let reserve = Reserve(in: directory)
    #expect(!reserve.isArmed)
    #expect(try reserve.arm(reserveBytes) && reserve.isArmed)
  }

  @Test(.enabled(if: Mount.isPossible, Mount.reason), arguments: Mount.allCases)
  func `a reserve isn't armed when space is short`(mount: Mount) async throws {
    await #expect(processExitsWith: .success) { [path = Scratch.path as String, mount] in
      try mount.with(path) { (mounted) throws in
        #expect(try !Reserve(in: mounted).arm(8 << 20))
        #expect(try mounted.status("reserve") == nil)
      }
    }
  }

  @Test(.enabled(if: Mount.isPossible, Mount.reason), arguments: Mount.allCases)
  func `on a full disk its blocks and inode can be used at once`(mount: Mount) async throws {
    await #expect(processExitsWith: .success) { [path = Scratch.path as String, mount] in
      try mount.with(path) { mounted in
        let reserve = Reserve(in: mounted)
        try #require(try reserve.arm(reserveBytes))
        // Full to the last block and inode.
        let filler = try mounted.createFile()
        while failure(of: { try filler.preallocate(try filler.status().allocatedBytes + 4096) }) == nil {}
        #expect(try mounted.freeSpace().bytes < reserveBytes / 2)
        let half = [UInt8](repeating: 1, count: Int(reserveBytes / 2))
        #expect(failure { try put("needed", half, in: mounted) } == ENOSPC)
        #expect(try reserve.release())
        #expect(failure { try put("needed", half, in: mounted) } == nil)
        #expect(try mounted.readSmallFile("needed") == half)
      }
    }
  }
}
