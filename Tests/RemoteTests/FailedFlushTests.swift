#if DEBUG
  import DurableFiles
  import Foundation
  import Glibc
  import TestSupport
  import Testing

  @testable import ModelRegistry

  /// I17: after a failed flush the kernel may take pages for clean that never reached the medium.
  @Suite struct FailedFlushTests {
    @Test func `a transfer whose flush failed is fetched anew, not taken up`() throws {
      let hall = try Hall()
      try hall.publish("one", on: "left")
      _ = try hall.robot("left").push("robot_001_v1")
      let right = try hall.robot("right")
      let seen = FaultPlan(.record)
      try FaultPlan.$current.withValue(seen) { _ = try right.install("robot_001_v1", progress: nil) }
      let flush = try #require(
        seen.steps.firstIndex { $0.hasPrefix("sync") && $0.contains("transfers/") }, "\(seen.steps)")

      let other = try hall.robot("other")
      let failing = FaultPlan(.fail(at: flush + 1, errno: EIO))
      #expect(throws: RegistryError.self) {
        try FaultPlan.$current.withValue(failing) { _ = try other.install("robot_001_v1", progress: nil) }
      }
      #expect(failing.steps.count > flush, "it got as far as the flush")
      let root = try hall.fixture("other").root
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(root)/private/transfers") == [])
      _ = try other.install("robot_001_v1", progress: nil)
      #expect(try other.verify(full: true).damaged == [])
    }
  }
#endif
