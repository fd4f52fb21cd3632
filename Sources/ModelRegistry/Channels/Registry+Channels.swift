import DurableFiles
public import RegistryModel

/// What setting a channel did.
public struct ChannelResult: Hashable, Sendable {
  public let setting: ChannelSetting
  /// What the channel named before; nil where it was never set.
  public let previous: VersionID?
  /// False where it named this version already; then the setting is the earlier one.
  public let changed: Bool
}

extension Registry {
  /// Makes a channel of the version's adapter name this version. Its history keeps what it named before.
  ///
  /// Durable when it returns (docs/format.md, K1–K3): the mark first, then the row. Naming what it names already
  /// changes nothing. Where a remote is set its object decides: it is moved first, and without it nothing is.
  /// - Parameter reason: why; at most 160 bytes are kept.
  /// - Throws: `notFound` where the version isn't known; `remote` where the remote can't be reached, `refused` where the
  ///   version isn't on it.
  @discardableResult
  public func setChannel(
    _ name: ChannelName, to reference: Reference, reason: String? = nil
  ) throws(RegistryError) -> ChannelResult {
    try reporting("set the channel \(name.text)", unchanged: "the channel names what it named before") {
      let record = try resolve(reference)
      guard let uri = try RemotePlace(store: store).read() else {
        return try self.record(name, record, by: caller, at: clock.now(), reason: reason)
      }
      let (moved, generation) = try RemoteChannels(registry: self, remote: openRemote(uri)).move(
        name, to: record, reason: reason)
      return try afterwards(
        "record the channel",
        standing: "\(moved.channel) names \(moved.version) on \(uri), and `sync` records it here"
      ) {
        try self.record(moved, generation, record)
      }
    }
  }

  /// Records what the remote's object says, under its number there where that is free.
  /// - Parameter generation: which state of the object said so: one that is older than what was recorded says nothing.
  func record(
    _ setting: ChannelSetting, _ generation: Int64, _ record: VersionRecord
  ) throws -> ChannelResult {
    try self.record(
      setting.name, record, by: setting.by, at: setting.at, reason: setting.reason, least: setting.seq,
      generation: generation)
  }

  /// Records a setting here, under this number at least.
  func record(
    _ name: ChannelName, _ record: VersionRecord, by: String, at: Timestamp, reason: String?,
    least: Int64 = 1, generation: Int64? = nil
  ) throws -> ChannelResult {
    let index = try index()
    let operation = try Operation("channel", in: store, waitingAtMost: patience)
    defer { operation.finish() }
    let content = try StoreLock.content.acquire(store, .shared, waitingAtMost: patience)
    defer { content.release() }
    let names = try StoreLock.names.acquire(store, .exclusive, waitingAtMost: patience)
    defer { names.release() }
    let (current, isFirst) = try index.read { transaction in
      (try transaction.channel(record.version.adapter, name), try !transaction.hasChannels())
    }
    let object = RemoteLayout.channel(record.version.adapter, name)
    if let current, let generation, let known = try index.read({ try $0.generation(of: object) }),
      generation < known
    {
      return ChannelResult(setting: current, previous: current.version, changed: false)
    }
    if let current, current.digest == record.digest {
      if let generation { try index.write { try $0.setGeneration(generation, of: object) } }
      return ChannelResult(setting: current, previous: current.version, changed: false)
    }
    // A mark that couldn't be read, or names what is lost, keeps its number.
    let highest = try marks.highestSetting(of: "\(record.version.adapter)@\(name)")
    let setting = ChannelSetting(
      adapter: record.version.adapter, name: name,
      seq: max(try ChannelSetting.number(after: max(current?.seq ?? 0, highest)), least),
      version: record.version,
      digest: record.digest, at: at, by: by, reason: reason)
    try operation.announce()
    try marks.set(setting, isFirst: isFirst)
    try index.write { transaction in
      try transaction.insertSetting(setting)
      if let generation { try transaction.setGeneration(generation, of: object) }
      try transaction.audit(
        .channel, setting.channel, from: current?.version.description, to: record.version.description,
        reason: setting.reason, by: caller, at: clock.now())
    }
    operation.conclude()
    return ChannelResult(setting: setting, previous: current?.version, changed: true)
  }

  /// One page of channels by adapter and name, each with its newest setting; `after` is the last one seen.
  public func channels(
    of adapter: AdapterName? = nil, after: (adapter: AdapterName, name: ChannelName)? = nil, limit: Int = 100
  ) throws(RegistryError) -> Page<ChannelSetting, String> {
    try reporting("list channels") {
      let key = after.map { ChannelKey(adapter: $0.adapter, name: $0.name) }
      let found = try index().read { try $0.channels(of: adapter, after: key, limit: limit + 1) }
      return Page(found, limit: limit, cursor: \.channel)
    }
  }

  /// One page of a channel's settings, newest first; `after` is the `seq` of the last one seen.
  /// - Throws: `notFound` where the channel was never set.
  public func history(
    of adapter: AdapterName, channel name: ChannelName, after: Int64? = nil, limit: Int = 100
  ) throws(RegistryError) -> Page<ChannelSetting, Int64> {
    try reporting("read the history of \(adapter.text)@\(name.text)") {
      let key = ChannelKey(adapter: adapter, name: name)
      let found = try index().read { try $0.history(of: key, before: after, limit: limit + 1) }
      guard !found.isEmpty || after != nil else {
        throw RegistryError(
          .notFound, "no channel \(key) was ever set in \(root)", hint: "see `modelctl channel list`")
      }
      return Page(found, limit: limit, cursor: \.seq)
    }
  }
}
