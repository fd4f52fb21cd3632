import CloudSimulator
import Foundation
import RegistryModel
import TestSupport
import Testing

/// A simulated bucket, and stores that share it through the program.
final class CloudBench {
  let simulator: Simulator
  let uri = "gs://test-models/models"

  init(faults: FaultScript = FaultScript()) throws {
    simulator = Simulator(buckets: ["test-models"], faults: faults)
    try simulator.start()
  }

  deinit { simulator.stop() }

  var environment: [String: String] { ["STORAGE_EMULATOR_HOST": simulator.url] }

  /// A store that shares the bucket, as a robot of this name.
  func store(_ robot: String) throws -> SharedStore {
    let store = try CommandStore(robot)
    let configuration = try store.scratch.write("config.yaml", "remote: {robot: \(robot), interval: 1s}\n")
    let shared = SharedStore(
      store: store, variables: environment.merging(["MODELCTL_CONFIG": configuration]) { $1 })
    try shared.run("remote", "set", uri)
    return shared
  }
}

struct SharedStore {
  let store: CommandStore
  let variables: [String: String]

  @discardableResult
  func run(
    _ arguments: String..., code: Int32 = 0, at location: SourceLocation = #_sourceLocation
  ) throws -> Outcome {
    try store.run(arguments, code: code, with: variables, at: location)
  }

  func json(_ arguments: String..., at location: SourceLocation = #_sourceLocation) throws -> JSONValue {
    let outcome = try store.run(arguments + ["--json"], with: variables, at: location)
    return try JSONValue(parsing: Array(outcome.out.utf8))
  }

  func start(_ arguments: String...) throws -> Child { try store.start(arguments, variables) }
}
