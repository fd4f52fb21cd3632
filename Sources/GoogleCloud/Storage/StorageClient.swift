public import RegistryModel

/// A bucket of Cloud Storage, over its JSON interface.
///
/// Only what may be done twice is tried again: reads, and writes that name the generation they replace.
public struct StorageClient: ObjectStore {
  public let location: BucketLocation
  let endpoint: StorageEndpoint
  let http: HTTPClient
  let credentials: Credentials
  let sessions: (any UploadSessions)?
  let retry: RetryPolicy
  let clock: RequestClock
  let uploads: UploadSizes

  /// - Parameter sessions: keeps what is needed to go on with an upload after a restart; nil to begin anew then.
  public init(
    _ location: BucketLocation, endpoint: StorageEndpoint, http: HTTPClient, credentials: Credentials,
    sessions: (any UploadSessions)? = nil, retry: RetryPolicy = RetryPolicy()
  ) {
    self.init(
      location, endpoint: endpoint, http: http, credentials: credentials, sessions: sessions, retry: retry,
      clock: .system(http.cancellation))
  }

  package init(
    _ location: BucketLocation, endpoint: StorageEndpoint, http: HTTPClient, credentials: Credentials,
    sessions: (any UploadSessions)?, retry: RetryPolicy, clock: RequestClock,
    uploads: UploadSizes = UploadSizes()
  ) {
    self.location = location
    self.endpoint = endpoint
    self.http = http
    self.credentials = endpoint.isEmulator ? .anonymous : credentials
    self.sessions = sessions
    self.retry = retry
    self.clock = clock
    self.uploads = uploads
  }

  /// A client as the environment describes it: `STORAGE_EMULATOR_HOST` or Google's service, with the credentials that
  /// Google's own tools would use.
  public static func open(
    _ location: BucketLocation, environment: [String: String], http: HTTPClient,
    sessions: (any UploadSessions)? = nil
  ) throws(RegistryError) -> StorageClient {
    StorageClient(
      location, endpoint: try StorageEndpoint(environment: environment), http: http,
      credentials: try .applicationDefault(environment: environment, http: http), sessions: sessions)
  }

  public var uri: String { location.description }

  /// Nothing to do: what the service says is there is durable.
  public func settle(_ info: ObjectInfo) {}

  public var traffic: RemoteTraffic {
    let traffic = http.traffic
    return RemoteTraffic(requests: traffic.requests, bytesIn: traffic.bytesIn, bytesOut: traffic.bytesOut)
  }
}

/// How objects are cut on their way up.
package struct UploadSizes: Sendable {
  /// What all chunks but the last are a multiple of.
  package static let unitBytes: Int64 = 256 << 10
  /// Smaller objects are sent in one request.
  package let resumableFromBytes: Int64
  package let chunkBytes: Int64

  /// - Precondition: a chunk is a multiple of ``unitBytes``.
  package init(resumableFromBytes: Int64 = 8 << 20, chunkBytes: Int64 = 64 << 20) {
    precondition(chunkBytes > 0 && chunkBytes.isMultiple(of: Self.unitBytes), "a chunk is cut at 256 KiB")
    self.resumableFromBytes = resumableFromBytes
    self.chunkBytes = chunkBytes
  }
}
