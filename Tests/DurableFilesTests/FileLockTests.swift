import DurableFiles
import Glibc
import Testing

@Suite(.scratch) struct FileLockTests {
  @Test func `an exclusive lock keeps out everybody else in this process`() throws {
    let directory = try Scratch.directory()
    let held = try #require(try FileLock.tryAcquire("switch", in: directory, .exclusive))
    #expect(try FileLock.tryAcquire("switch", in: directory, .exclusive) == nil)
    #expect(try FileLock.tryAcquire("switch", in: Scratch.directory(), .shared) == nil)
    #expect(try FileLock.tryAcquire("other", in: directory, .exclusive) != nil)
    held.release()
    held.release()
    #expect(try FileLock.tryAcquire("switch", in: directory, .exclusive) != nil)
  }

  @Test func `a shared lock keeps out only the exclusive one`() throws {
    let directory = try Scratch.directory()
    let first = try #require(try FileLock.tryAcquire("content", in: directory, .shared))
    let second = try #require(try FileLock.tryAcquire("content", in: directory, .shared))
    #expect(try FileLock.tryAcquire("content", in: directory, .exclusive) == nil)
    first.release()
    #expect(try FileLock.tryAcquire("content", in: directory, .exclusive) == nil)
    second.release()
    #expect(try FileLock.tryAcquire("content", in: directory, .exclusive) != nil)
  }

  @Test func `a lock that is dropped is free`() throws {
    let directory = try Scratch.directory()
    do { _ = try #require(try FileLock.tryAcquire("lock", in: directory, .exclusive)) }
    #expect(try FileLock.tryAcquire("lock", in: directory, .exclusive) != nil)
  }

  @Test func `a lock keeps out another process`() async throws {
    let directory = try Scratch.directory()
    let held = try #require(try FileLock.tryAcquire("lock", in: directory, .exclusive))
    await #expect(processExitsWith: .success) { [path = Scratch.path as String] in
      let directory = try Directory.open(path)
      #expect(try FileLock.tryAcquire("lock", in: directory, .shared) == nil)
      #expect(try FileLock.acquire("lock", in: directory, .shared, waitingAtMost: 3) == nil)
    }
    held.release()
  }

  @Test func `a killed process leaves its lock free`() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = Scratch.path as String] in
      let held = try FileLock.tryAcquire("lock", in: Directory.open(path), .exclusive)
      try #require(held != nil)
      kill(getpid(), SIGKILL)
    }
    let directory = try Scratch.directory()
    #expect(try directory.status("lock") != nil)
    #expect(try FileLock.tryAcquire("lock", in: directory, .exclusive) != nil)
  }

  @Test func `waiting gets the lock once it is given back`() async throws {
    let directory = try Scratch.directory()
    let held = try #require(try FileLock.tryAcquire("lock", in: directory, .exclusive))
    let waiting = Task { try FileLock.acquire("lock", in: directory, .exclusive, waitingAtMost: 60_000) }
    held.release()
    #expect(try await waiting.value != nil)
  }

  @Test(arguments: [Int64.min, 0, Int64.max])
  func `any waiting time tries at least once`(milliseconds: Int64) throws {
    let directory = try Scratch.directory()
    #expect(try FileLock.acquire("lock", in: directory, .shared, waitingAtMost: milliseconds) != nil)
  }

  @Test func `a lock on a file that was replaced holds on the new one`() throws {
    let directory = try Scratch.directory()
    let old = try #require(try FileLock.tryAcquire("lock", in: directory, .exclusive))
    try directory.remove("lock")
    let new = try #require(try FileLock.tryAcquire("lock", in: directory, .exclusive))
    old.release()
    #expect(try FileLock.tryAcquire("lock", in: directory, .shared) == nil)
    new.release()
  }

  @Test func `a lock file can't lead elsewhere or hold it up`() throws {
    let directory = try Scratch.directory()
    try directory.makeLink("link", to: "../elsewhere")
    #expect(failure { try FileLock.tryAcquire("link", in: directory, .exclusive) } == ELOOP)
    try directory.makeDirectory("sub")
    #expect(failure { try FileLock.tryAcquire("sub", in: directory, .exclusive) } == EISDIR)
  }

  @Test(.enabled(if: geteuid() == 0, "SKIPPED, NOT TESTED: needs root to become another uid"))
  func `another uid can neither share a lock nor hold it alone`() async throws {
    try #require(chmod(Scratch.path, 0o755) == 0)
    let directory = try Scratch.directory()
    _ = try FileLock.tryAcquire("lock", in: directory, .exclusive)
    await #expect(processExitsWith: .success) { [path = Scratch.path as String] in
      try #require(setuid(65534) == 0)
      let directory = try Directory.open(path)
      #expect(failure { try FileLock.tryAcquire("lock", in: directory, .shared) } == EACCES)
      #expect(failure { try FileLock.tryAcquire("lock", in: directory, .exclusive) } == EACCES)
    }
  }

  @Test(.enabled(if: geteuid() == 0, "SKIPPED, NOT TESTED: needs root to become another uid"))
  func `a lock that can't be made says why`() async throws {
    try #require(chmod(Scratch.path, 0o755) == 0)
    await #expect(processExitsWith: .success) { [path = Scratch.path as String] in
      try #require(setgid(65534) == 0 && setuid(65534) == 0)
      let directory = try Directory.open(path)
      #expect(failure { try FileLock.tryAcquire("nothing", in: directory, .shared) } == EACCES)
    }
  }
}

@Suite(.scratch) struct LeaseTests {
  @Test func `leases are shared, or held alone`() throws {
    let runtime = try Scratch.directory()
    let other = try Scratch.directory()
    let collector = try Scratch.directory()
    #expect(runtime.leaseShared() && other.leaseShared())
    #expect(!collector.leaseExclusive())
    runtime.unlease()
    #expect(!collector.leaseExclusive())
    other.unlease()
    #expect(collector.leaseExclusive())
    #expect(!runtime.leaseShared())
    collector.unlease()
    #expect(runtime.leaseShared())
  }

  @Test func `a lease ends with its object`() throws {
    let collector = try Scratch.directory()
    do { #expect(try Scratch.directory().leaseShared()) }
    #expect(collector.leaseExclusive())
  }

  @Test func `a lease is seen by another process and ends with it`() async throws {
    let runtime = try Scratch.directory()
    #expect(runtime.leaseShared())
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = Scratch.path as String] in
      let directory = try Directory.open(path)
      try #require(!directory.leaseExclusive())
      try #require(directory.leaseShared())
      kill(getpid(), SIGKILL)
    }
    #expect(runtime.leaseExclusive())
  }
}
