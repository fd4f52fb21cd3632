import CloudSimulator
import GoogleCloud
import ModelRegistry
import RegistryModel

/// A simulated Google Cloud with one bucket, and clients of it.
final class SimulatedBucket: Sendable {
  let simulator: Simulator
  static let bucket = "test-models"

  init(options: StorageOptions = StorageOptions(), faults: FaultScript = FaultScript()) throws {
    simulator = Simulator(buckets: [Self.bucket], options: options, faults: faults)
    try simulator.start()
  }

  deinit { simulator.stop() }

  var environment: [String: String] { ["STORAGE_EMULATOR_HOST": simulator.url] }

  var uri: RemoteURI {
    get throws { try RemoteURI(parsing: "gs://\(Self.bucket)/models") }
  }

  /// A client of its own, as each process has one.
  func client(sessions: (any UploadSessions)? = nil) throws -> StorageClient {
    try StorageClient.open(
      BucketLocation(parsing: uri.description), environment: environment,
      http: HTTPClient(HTTPConfiguration()), sessions: sessions)
  }

  /// Opens buckets for a registry.
  var opener: RemoteOpener {
    let environment = environment
    return { uri, sessions, isStopped throws(RegistryError) in
      try StorageClient.open(
        BucketLocation(parsing: uri.description), environment: environment,
        http: HTTPClient(HTTPConfiguration(), cancellation: Cancellation(asking: isStopped)),
        sessions: sessions)
    }
  }
}
