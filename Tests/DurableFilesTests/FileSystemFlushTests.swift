import DurableFiles
import Glibc
import Testing

@Suite(.scratch) struct `Flushing a whole file system` {
  @Test func `counts as one flush, and passes the gate as one step`() throws {
    let directory = try Scratch.directory()
    try #require(Directory.canSyncFileSystems, "Linux 5.8 or later")
    let plan = FaultPlan(.record)
    let before = Flushes.count
    try FaultPlan.$current.withValue(plan) { try directory.syncFileSystem() }
    #expect(plan.syncCount == 1 && plan.steps == ["sync file system of ."])
    #expect(Flushes.count > before)
  }

  @Test func `a failed one is not asked again on the same object`() throws {
    let directory = try Scratch.directory()
    FaultPlan.$current.withValue(FaultPlan(.fail(at: 1, errno: EIO))) {
      #expect(failure { try directory.syncFileSystem() } == EIO)
      #expect(failure { try directory.syncFileSystem() } == EIO)
      #expect(failure { try directory.sync() } == EIO)
    }
  }

  @Test func `is not to be had where the kernel wouldn't tell of failed writes`() throws {
    let directory = try Scratch.directory()
    Pretence.$current.withValue(.noFileSystemFlush) {
      #expect(!Directory.canSyncFileSystems)
      #expect(failure { try directory.syncFileSystem() } == ENOSYS)
    }
  }
}
