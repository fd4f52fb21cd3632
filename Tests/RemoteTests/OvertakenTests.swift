import ModelRegistry
import RegistryModel
import Synchronization
import TestSupport
import Testing

/// Others write the channels and reports that one reads.
@Suite struct OvertakenTests {
  @Test func `a channel that moves while it is read is read again`() throws {
    let current = Mutex<Overtaken?>(nil)
    let folder = try Scratch("overtaken")
    let path = folder.path
    let hall = try Hall(uri: RemoteURI(parsing: "gs://bucket/models")) { _, _, _ throws(RegistryError) in
      if let overtaken = current.withLock({ $0 }) { return overtaken }
      return try DirectoryStore(at: path)
    }
    let (left, right) = (try hall.robot("left"), try hall.robot("right"))
    let best = try ChannelName(parsing: "best")
    for content in ["one", "two"] { _ = try left.push(.version(hall.publish(content, on: "left").version)) }
    try left.setChannel(best, to: "robot_001_v1")
    _ = try right.sync()

    func overtake(_ times: Int) throws -> Overtaken {
      let store = try Overtaken(DirectoryStore(at: path), times: times)
      current.withLock { $0 = store }
      return store
    }
    let moving = try overtake(3)
    try right.setChannel(best, to: "robot_001_v2", reason: "better")
    #expect(moving.restCount < 0)
    let syncing = try overtake(3)
    let round = try left.sync()
    #expect(syncing.restCount < 0 && round.problems.isEmpty)
    #expect(try left.channels().items.map(\.version.number) == [2])
    let installing = try overtake(3)
    #expect(try left.install("robot_001@best", progress: nil).version.number == 2)
    #expect(installing.restCount < 0)
  }
}
