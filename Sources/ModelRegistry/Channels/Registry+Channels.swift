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
  /// changes nothing.
  /// - Parameter reason: why; at most 160 bytes are kept.
  /// - Throws: `notFound` where the version isn't known.
  @discardableResult
  public func setChannel(
    _ name: ChannelName, to reference: Reference, reason: String? = nil
  ) throws(RegistryError) -> ChannelResult {
    try reporting("set the channel \(name.text)", unchanged: "the channel names what it named before") {
      let index = try index()
      let record = try resolve(reference)
      let operation = try Operation("channel", in: store, waitingAtMost: patience)
      defer { operation.finish() }
      let content = try StoreLock.content.acquire(store, .shared, waitingAtMost: patience)
      defer { content.release() }
      let names = try StoreLock.names.acquire(store, .exclusive, waitingAtMost: patience)
      defer { names.release() }
      let (current, isFirst) = try index.read { transaction in
        (try transaction.channel(record.version.adapter, name), try !transaction.hasChannels())
      }
      if let current, current.digest == record.digest {
        return ChannelResult(setting: current, previous: current.version, changed: false)
      }
      // A mark that couldn't be read, or names what is lost, keeps its number.
      let highest = try marks.highestSetting(of: "\(record.version.adapter)@\(name)")
      let setting = ChannelSetting(
        adapter: record.version.adapter, name: name, seq: 1 + max(current?.seq ?? 0, highest),
        version: record.version,
        digest: record.digest, at: clock.now(), by: caller, reason: reason)
      try operation.announce()
      try marks.set(setting, isFirst: isFirst)
      try index.write { transaction in
        try transaction.insertSetting(setting)
        try transaction.audit(
          .channel, setting.channel, from: current?.version.description, to: record.version.description,
          reason: setting.reason, by: caller, at: clock.now())
      }
      operation.conclude()
      return ChannelResult(setting: setting, previous: current?.version, changed: true)
    }
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
