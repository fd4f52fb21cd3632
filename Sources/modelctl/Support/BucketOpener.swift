import Foundation
import GoogleCloud
import ModelRegistry
import RegistryModel

/// Opens buckets with what the configuration and the environment say: credentials, proxies, headers, limits.
struct BucketOpener {
  private let policy: RemotePolicy

  init(_ policy: RemotePolicy) { self.policy = policy }

  @Sendable func open(
    _ uri: RemoteURI, _ sessions: any UploadSessions, _ isStopped: @escaping @Sendable () -> Bool
  ) throws(RegistryError) -> any ObjectStore {
    let environment = ProcessInfo.processInfo.environment
    var configuration = try HTTPConfiguration(environment: environment)
    for header in policy.headers { try configuration.addHeader(header.name, header.value) }
    configuration.maximumBytesPerSecond = policy.bytesPerSecond
    configuration.transfersAtOnce = Registry.transfersAtOnce
    return try StorageClient.open(
      BucketLocation(parsing: uri.description), environment: environment,
      http: HTTPClient(configuration, cancellation: Cancellation(asking: isStopped)), sessions: sessions)
  }
}
