import Foundation
import ModelRegistry
import Synchronization
import TestSupport
import Testing

@Suite struct `A check of the store while gc runs` {
  @Test func `what gc takes away meanwhile is not damage`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let collected = Mutex(false)
    let result = try registry.verify { _, _ in
      // Called while the first blob is read: the list of blobs was made before.
      let isFirst = collected.withLock { done in
        defer { done = true }
        return !done
      }
      guard isFirst else { return }
      #expect(throws: Never.self) {
        let removed = try fixture.open().collect(CollectionPolicy(keep: 0)).removedVersions
        #expect(removed.map(\.number) == [2, 3])
        _ = try fixture.open().collect()
      }
    }
    #expect(collected.withLock { $0 })
    #expect(result.damaged.isEmpty, "\(result.damaged.map(\.problem))")
    #expect(try registry.doctor().allSatisfy { !$0.isProblem })
  }

  @Test func `what is missing without a gc is damage`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let removed = Mutex(false)
    let result = try registry.verify { _, _ in
      removed.withLock { done in
        guard !done else { return }
        done = true
        #expect(throws: Never.self) {
          try FileManager.default.removeItem(atPath: "\(fixture.root)/versions/robot_001_v3")
        }
      }
    }
    #expect(result.damaged.map(\.problem) == ["the tree is missing"])
  }
}
