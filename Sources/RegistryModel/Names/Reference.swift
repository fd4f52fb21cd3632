/// What a user writes to mean a version: its name, a channel, an alias, or the digest of its manifest.
///
/// A reference is words only; whether the version exists is for the index or the remote to say.
public enum Reference: Hashable, Sendable {
  /// `robot_001_v4`.
  case version(VersionID)
  /// `robot_001@stable`: the version that the channel names.
  case channel(AdapterName, ChannelName)
  /// `robot_001@active`, `@latest`, `@previous`.
  case alias(AdapterName, Alias)
  /// `sha256:HEX` or `robot_001@sha256:HEX`: by manifest digest, within one adapter where it is named.
  case digest(DigestPrefix, adapter: AdapterName?)
  /// `seed/v1.0.0`: by what the version was called where it was imported from.
  case origin(AdapterName, String)

  /// The names after `@` that no channel may take.
  public enum Alias: String, CaseIterable, Sendable {
    /// What runs.
    case active
    /// The highest number known here.
    case latest
    /// What ran before the last switch that changed this adapter.
    case previous
  }

  /// The adapter that the reference names; nil for a digest alone.
  public var adapter: AdapterName? {
    switch self {
    case .version(let version): version.adapter
    case .channel(let adapter, _), .alias(let adapter, _), .origin(let adapter, _): adapter
    case .digest(_, let adapter): adapter
    }
  }
}

extension Reference: CustomStringConvertible {
  /// The shortest spelling, which ``init(parsing:)`` reads back: `robot_001_v4`, `robot_001@stable`, `sha256:…`.
  public var description: String {
    switch self {
    case .version(let version): "\(version)"
    case .channel(let adapter, let channel): "\(adapter)@\(channel)"
    case .alias(let adapter, let alias): "\(adapter)@\(alias.rawValue)"
    case .digest(let prefix, let adapter?): "\(adapter)@\(prefix)"
    case .digest(let prefix, nil): "\(prefix)"
    case .origin(let adapter, let name): "\(adapter)/\(name)"
    }
  }
}
