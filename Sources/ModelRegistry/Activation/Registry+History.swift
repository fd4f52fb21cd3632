public import RegistryModel

extension Registry {
  /// One page of switches and refusals, newest first; `after` is the `id` of the last one seen.
  public func history(
    of adapter: AdapterName? = nil, after: Int64? = nil, limit: Int = 100
  ) throws(RegistryError) -> Page<HistoryEntry, Int64> {
    try reporting("read the history") {
      let entries = try index().read { try $0.history(of: adapter, before: after, limit: limit + 1) }
      return Page(entries, limit: limit, cursor: \.id)
    }
  }

  /// The switch that was in force at `time`; nil before the first one.
  public func switchInForce(at time: Timestamp) throws(RegistryError) -> HistoryEntry? {
    try reporting("look up what ran at \(time)") { try index().read { try $0.switchInForce(at: time) } }
  }
}
