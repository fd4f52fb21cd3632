import Foundation
import TestSupport
import Testing

@testable import ModelRegistry

/// What runs, for whoever asks often.
@Suite struct ActiveWatchTests {
  @Test func `says the same with the same number, until something else runs`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let watch = ActiveWatch(root: fixture.root)
    let first = try watch.read()
    #expect(try first.state == ActiveState.read(fixture.root))
    #expect(try watch.read().revision == first.revision)
    try registry.activate(["robot_001_v2"], ActivationOptions(reason: "try"))
    let trial = try watch.read()
    #expect(trial.revision != first.revision && trial.state.state == .trial)
    #expect(try trial.state == ActiveState.read(fixture.root))
    try registry.confirm()
    let confirmed = try watch.read()
    #expect(confirmed.revision != trial.revision && confirmed.state.state == .confirmed)
    #expect(confirmed.state.generation == trial.state.generation)
  }

  @Test func `goes back to a generation that it knew before with another number`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let watch = ActiveWatch(root: fixture.root)
    let first = try watch.read()
    try registry.activate(["robot_001_v2"])
    let second = try watch.read()
    try registry.rollback()
    let third = try watch.read()
    #expect(third.state.generation == first.state.generation)
    #expect(Set([first, second, third].map(\.revision)).count == 3)
  }

  @Test func `follows another store that took the place of the first`() throws {
    let fixture = try StoreFixture.copied()
    try fixture.open().activate(["robot_001_v2"], ActivationOptions(confirmed: true))
    let other = try StoreFixture.copied()
    let watch = ActiveWatch(root: fixture.root)
    let first = try watch.read()
    try FileManager.default.moveItem(atPath: fixture.root, toPath: fixture.scratch("aside"))
    #expect(code { try watch.read() } == .notFound)
    try FileManager.default.moveItem(atPath: other.root, toPath: fixture.root)
    let second = try watch.read()
    #expect(try second.state == ActiveState.read(fixture.root))
    #expect(second.state.generation != first.state.generation && second.revision != first.revision)
  }

  @Test func `an empty store, a dangling link and garbage are told as they are`() throws {
    let empty = try StoreFixture()
    _ = try empty.open()
    #expect(code { try ActiveWatch(root: empty.root).read() } == .notFound)
    let fixture = try StoreFixture.copied()
    let watch = ActiveWatch(root: fixture.root)
    _ = try watch.read()
    try FileManager.default.removeItem(atPath: fixture.path("active"))
    #expect(code { try watch.read() } == .notFound)
    try FileManager.default.createSymbolicLink(
      atPath: fixture.path("active"), withDestinationPath: "generations/99")
    #expect(code { try watch.read() } == .integrity)
  }
}
