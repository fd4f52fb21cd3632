import Foundation
import GRDB
import RegistryModel

/// Which channel, where only that matters.
struct ChannelKey: Hashable, CustomStringConvertible {
  let adapter: AdapterName
  let name: ChannelName

  var description: String { "\(adapter)@\(name)" }
}

extension Transaction {
  private static let columns = "h.adapter, h.name, h.seq, h.version, h.digest, h.at, h.by, h.reason"

  /// The newest setting of a channel; nil where it was never set.
  func channel(_ adapter: AdapterName, _ name: ChannelName) throws -> ChannelSetting? {
    try row(
      """
      SELECT \(Self.columns) FROM channels c
      JOIN channel_history h ON h.adapter = c.adapter AND h.name = c.name AND h.seq = c.seq
      WHERE c.adapter = ? AND c.name = ?
      """, [adapter.text, name.text]
    ).map(setting)
  }

  /// One page of channels by adapter and name, each with its newest setting.
  func channels(of adapter: AdapterName?, after: ChannelKey?, limit: Int) throws -> [ChannelSetting] {
    let lowest = after?.adapter ?? adapter
    return try rows(
      """
      SELECT \(Self.columns) FROM channels c
      JOIN channel_history h ON h.adapter = c.adapter AND h.name = c.name AND h.seq = c.seq
      WHERE (c.adapter, c.name) > (?1, ?2) AND c.adapter <= ?3 ORDER BY c.adapter, c.name LIMIT ?4
      """, [lowest?.text ?? "", after?.name.text ?? "", adapter?.text ?? "\u{7f}", limit]
    ).map(setting)
  }

  /// One page of a channel's settings, newest first.
  func history(of channel: ChannelKey, before: Int64?, limit: Int) throws -> [ChannelSetting] {
    try rows(
      """
      SELECT \(Self.columns) FROM channel_history h
      WHERE h.adapter = ? AND h.name = ? AND h.seq < ? ORDER BY h.seq DESC LIMIT ?
      """, [channel.adapter.text, channel.name.text, before ?? Int64.max, limit]
    ).map(setting)
  }

  /// The channels that name a version now.
  func channels(naming digest: Digest) throws -> [ChannelKey] {
    try rows("SELECT adapter, name FROM channels WHERE digest = ? ORDER BY adapter, name", [digest.data])
      .map(key)
  }

  func hasChannels() throws -> Bool { try exists("SELECT 1 FROM channel_history LIMIT 1") }

  func hasSetting(_ setting: ChannelSetting) throws -> Bool {
    try exists(
      "SELECT 1 FROM channel_history WHERE adapter = ? AND name = ? AND seq = ? AND digest = ?",
      [setting.adapter.text, setting.name.text, setting.seq, setting.digest.data])
  }

  /// Whether the channel of `setting` has a setting of this number, whatever it says.
  func hasSetting(numbered seq: Int64, of setting: ChannelSetting) throws -> Bool {
    try exists(
      "SELECT 1 FROM channel_history WHERE adapter = ? AND name = ? AND seq = ?",
      [setting.adapter.text, setting.name.text, seq])
  }

  func insertSetting(_ setting: ChannelSetting) throws {
    try execute(
      """
      INSERT INTO channel_history (adapter, name, seq, version, digest, at, by, reason)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        setting.adapter.text, setting.name.text, setting.seq, setting.version.description,
        setting.digest.data, setting.at.milliseconds, setting.by, setting.reason,
      ])
  }

  private func key(_ row: Row) throws -> ChannelKey {
    ChannelKey(
      adapter: try Self.stored("channels.adapter") { try AdapterName(parsing: row["adapter"]) },
      name: try Self.stored("channels.name") { try ChannelName(parsing: row["name"]) })
  }

  private func setting(_ row: Row) throws -> ChannelSetting {
    let key = try key(row)
    return ChannelSetting(
      adapter: key.adapter, name: key.name, seq: row["seq"],
      version: try Self.stored("channel_history.version") { try VersionID(parsing: row["version"]) },
      digest: try Digest(column: row, "digest"), at: Timestamp(milliseconds: row["at"]), by: row["by"],
      reason: row["reason"])
  }
}
