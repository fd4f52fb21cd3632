import ModelRegistry
import RegistryModel
import TestSupport
import Testing

/// Publish, push, sync, install, activate: what one robot makes another runs, and both say the same of it.
struct SharedStory {
  let hall: Hall

  init(uri: RemoteURI? = nil, opener: RemoteOpener? = nil) throws {
    hall = try Hall(uri: uri, opener: opener)
  }

  func play() throws {
    let archive = try hall.fixture("left").archive("week-1", episodes: ["ep-1", "ep-2"])
    try hall.publish("one", on: "left") { $0.archives = [archive] }
    try hall.publish("two", on: "left") { request in
      request.base = "robot_001_v1"
      request.job = Manifest.JobReference(id: "job_0123456789ab", seed: 7)
      request.metrics = ["final_loss": 0.25]
    }
    let left = try hall.robot("left")
    for version in ["robot_001_v1", "robot_001_v2"] { _ = try left.push(Reference(parsing: version)) }
    let stable = try ChannelName(parsing: "stable")
    try left.setChannel(stable, to: "robot_001_v2", reason: "rig")
    let right = try hall.robot("right")
    let round = try right.sync()
    #expect(round.fetched.map(\.description) == ["robot_001_v1", "robot_001_v2"])
    #expect(round.conflicts.isEmpty && round.problems.isEmpty && round.channels.count == 1)
    for version in round.fetched { #expect(try left.account(of: version) == right.account(of: version)) }
    #expect(try right.install("robot_001@stable", progress: nil).alreadyInstalled)
    try right.activate("robot_001@stable")
    #expect(try right.verify().damaged.isEmpty)
    #expect(try right.sync().isQuiet)
    _ = try left.sync()
    #expect(try left.impact(of: "ep-1").robots.map(\.robot) == ["left", "right"])
    // The other way round, too.
    let made = try hall.publish("three", on: "right")
    _ = try right.push(.version(made.version))
    #expect(try left.sync().fetched == [made.version])
    try right.setChannel(stable, to: .version(made.version))
    #expect(try left.sync().channels.map(\.version) == [made.version])
  }
}
