import DurableFiles
public import RegistryModel

/// What a round of sync did.
public struct SyncResult: Hashable, Sendable {
  public internal(set) var fetched: [VersionID] = []
  public internal(set) var pushed: [VersionID] = []
  /// Channels that name another version here now.
  public internal(set) var channels: [ChannelSetting] = []
  public internal(set) var conflicts: [SyncConflict] = []
  /// What couldn't be brought and will be tried again, each a sentence with what to do.
  public internal(set) var problems: [String] = []
  /// Whether something couldn't be brought as the disk is full.
  public internal(set) var isOutOfSpace = false
  public internal(set) var traffic = RemoteTraffic()

  public init() {}

  /// Whether nothing happened that anybody would want to read about.
  public var isQuiet: Bool {
    fetched.isEmpty && pushed.isEmpty && channels.isEmpty && conflicts.isEmpty && problems.isEmpty
  }

  public mutating func add(_ pushed: PushResult) {
    self.pushed.append(pushed.version)
    traffic.requests += pushed.traffic.requests
    traffic.bytesIn += pushed.traffic.bytesIn
    traffic.bytesOut += pushed.traffic.bytesOut
  }
}

/// A name that means one version here and another one there; people decide.
public struct SyncConflict: Hashable, Sendable {
  public let version: VersionID
  public let problem: String
}

extension Registry {
  /// Sends what waits and brings what is new on the remote: versions, channels, other robots' reports. What it brings is
  /// installed and byte for byte what was published; it never deletes anything, here or there.
  ///
  /// `full` compares the names of all versions, too, which once a day happens by itself.
  /// - Throws: `remote` where the remote can't be reached: what was done by then stands, and the next round goes on; so
  ///   does `cancelled`.
  public func sync(full: Bool = false, progress: ProgressHandler? = nil) throws(RegistryError) -> SyncResult {
    try reporting("sync", unchanged: "what was brought by then is here, and the next sync goes on from there")
    {
      let index = try index()
      let uri = try requireRemote()
      let lock = try StoreLock.sync.acquire(store, .exclusive, waitingAtMost: patience)
      defer { lock.release() }
      try index.write { try $0.expectRemote(uri.description) }
      let meter = ProgressMeter(progress)
      let remote = try openRemote(uri, meter)
      let sync = Sync(registry: self, index: index, remote: remote, meter: meter)
      try sync.run(full: full)
      var result = sync.result
      result.traffic = remote.traffic
      return result
    }
  }
}
