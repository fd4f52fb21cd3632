import DurableFiles
public import RegistryModel

/// Opens remotes, as what speaks to a bucket is none of this target's business.
///
/// The store that it makes asks `isStopped` while it waits for the network, and then ends its calls with `cancelled`.
public typealias RemoteOpener =
  @Sendable (_ uri: RemoteURI, _ sessions: any UploadSessions, _ isStopped: @escaping @Sendable () -> Bool)
  throws(RegistryError) -> any ObjectStore

/// Which remote a store shares with, and what is known of it here.
public struct RemoteState: Hashable, Sendable {
  public let uri: RemoteURI
  /// Up to where its journal was read, by its own clock.
  public let cursor: Timestamp?
  public let syncedAt: Timestamp?
  public let waiting: [WaitingVersion]
  /// What sync couldn't do and people should know of, each a sentence.
  public let problems: [String]
}

/// A version that is to be sent and hasn't arrived.
public struct WaitingVersion: Hashable, Sendable {
  public let version: VersionID
  public let since: Timestamp
  public let problem: String?
}

extension Registry {
  /// How many objects are on their way at once.
  public static let transfersAtOnce = Fetch.streams

  /// Shares with this remote from now on. Durable when it returns; nothing is sent or fetched yet.
  /// - Throws: `remote` or `permission` where it can't be reached.
  @discardableResult
  public func setRemote(_ uri: RemoteURI) throws(RegistryError) -> RemoteState {
    try reporting("set the remote", unchanged: "the remote is the one it was") {
      let index = try index()
      // A round that still speaks with the earlier one would write its cursors for this one.
      let lock = try StoreLock.sync.acquire(store, .exclusive, waitingAtMost: patience)
      defer { lock.release() }
      let remote = try open(uri)
      _ = try remote.list(
        ObjectQuery(prefix: RemoteLayout.adapters, isShallow: true, pageSize: 1), page: nil)
      let identity = try (remote as? DirectoryStore)?.identity(making: true)
      let operation = try Operation("remote", in: store, waitingAtMost: patience)
      defer { operation.finish() }
      let earlier = try? RemotePlace(store: store).read()
      try RemotePlace(store: store).set(uri, identity: identity, operation)
      try index.write { transaction in
        try transaction.expectRemote(uri.description)
        try transaction.audit(
          .remote, uri.description, from: earlier?.description, by: caller, at: clock.now())
      }
      return try state(of: uri, index)
    }
  }

  /// The remote; nil when none is set.
  public func remote() throws(RegistryError) -> RemoteState? {
    try reporting("read which remote is set") {
      guard let uri = try RemotePlace(store: store).read() else { return nil }
      return try state(of: uri, try index())
    }
  }

  private func state(of uri: RemoteURI, _ index: Index) throws -> RemoteState {
    try index.read { transaction in
      let progress = try transaction.remoteProgress().flatMap { $0.uri == uri.description ? $0 : nil }
      let waiting = try transaction.outbox(for: uri.description, limit: 100)
      let unfetched = try transaction.unfetched(limit: 100)
      return RemoteState(
        uri: uri, cursor: progress?.cursor, syncedAt: progress?.syncedAt,
        waiting: waiting.filter { !$0.isRefused }.map {
          WaitingVersion(version: $0.record.version, since: $0.since, problem: $0.problem)
        },
        problems: try waiting.filter(\.isRefused).map {
          "\($0.record.version) was not sent: \($0.problem ?? "it was refused"); publish it under a new number with "
            + "`modelctl publish --from`, or uninstall it"
        }
          + transaction.outboxElsewhere(than: uri.description, limit: 10).map {
            "\($0.version) waits to be sent to \($0.uri); `modelctl push \($0.version)` sends it to \(uri) instead"
          }
          + unfetched.map {
            "\($0.version) can't be brought since \($0.since): \($0.problem); `modelctl sync` tries again"
          })
    }
  }

  func requireRemote() throws -> RemoteURI {
    if let uri = try RemotePlace(store: store).read() { return uri }
    throw RegistryError(
      .notFound, "no remote is set in \(root)",
      hint: "`modelctl remote set gs://BUCKET/PREFIX`, or file:///DIRECTORY")
  }

  /// Opens the remote that is set.
  /// - Throws: `remote` where another directory, or an empty one, lies in its place: a stick that isn't plugged in leaves
  ///   its mount point behind.
  func openRemote(_ uri: RemoteURI, _ meter: ProgressMeter = .unwatched) throws -> any ObjectStore {
    let remote = try open(uri, meter)
    let place = RemotePlace(store: store)
    guard let directory = remote as? DirectoryStore, try place.read() == uri,
      let expected = try place.identity(), try directory.identity(making: false) != expected
    else { return remote }
    throw RegistryError(
      .remote, "the directory of \(uri) is not the one that was set as remote",
      hint: "plug it in or mount it; if it was replaced for good, run `modelctl remote set \(uri)` again")
  }

  func open(_ uri: RemoteURI, _ meter: ProgressMeter = .unwatched) throws -> any ObjectStore {
    if case .directory(let path) = uri.place { return try DirectoryStore(at: path) }
    guard let opener = remoteOpener else {
      throw RegistryError(
        .usage, "\(uri) is a bucket, and this program speaks to directories only",
        hint: "use file:///DIRECTORY")
    }
    return try opener(uri, UploadSessionFolder(store: store)) { meter.isStopped }
  }

  /// What this machine is called on a remote.
  var robot: RobotName { configuration.robotName }
}

extension Configuration {
  /// What this machine is called on a remote, whatever the store is like.
  package var robotName: RobotName { remote.robot ?? RobotName(nearest: Registry.machineName) }
}
