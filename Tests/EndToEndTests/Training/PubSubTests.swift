import Foundation
import RegistryModel
import Testing

@Suite struct `Events by way of Pub-Sub` {
  @Test func `an object in the bucket becomes a version`() throws {
    guard let peers = try EventPeers.start() else { return }
    let store = try TrainingStore(cloud: peers.storage)
    let service = try store.serve("--listen", "127.0.0.1:0")
    try peers.subscribe(service)
    let jobs = try [store.trigger(), store.trigger()]
    for job in jobs { try poll("\(job) is completed") { try store.status(of: job) == "completed" } }
    #expect(store.versions == ["robot_001_v1", "robot_001_v2"])
    // Whichever was second had to come again.
    let answers = service.child.said.split(separator: "\n").compactMap {
      try? JSONValue(parsing: Array($0.utf8))
    }
    #expect(answers.count { $0["status"]?.asInt == 202 } == 2, "\(service.child.said)")
    #expect(
      !answers.contains { [400, 404, 413, 500].contains($0["status"]?.asInt ?? 0) }, "\(service.child.said)")
    #expect(try service.stop().code == 0)
  }
}
