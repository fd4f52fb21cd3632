/// The names below a remote's prefix. Readers that know only folders rely on them: they never change.
///
/// A version is published at the moment when its `manifest.json` is there: whatever that names is there before.
public enum RemoteLayout {
  public static let adapters = "adapters/"
  public static let journal = "journal/"
  public static let channels = "channels/"
  public static let robots = "robots/"

  public static func blob(_ digest: Digest) -> RelativePath { path("blobs/sha256/\(digest.hex)") }
  public static func folder(_ version: VersionID) -> String { "\(adapters)\(version)/" }
  public static func manifest(_ version: VersionID) -> RelativePath {
    path("\(folder(version))manifest.json")
  }
  public static func checksums(_ version: VersionID) -> RelativePath {
    path("\(folder(version))checksum.sha256")
  }

  /// A file of a version under its own path, for readers that know only folders.
  ///
  /// - Throws: `refused` for a path that would be taken for one of the remote's own documents.
  public static func plain(_ file: RelativePath, of version: VersionID) throws(RegistryError) -> RelativePath
  {
    let own = [manifest(version).text, checksums(version).text]
    let path = try RelativePath(parsing: folder(version) + file.text)
    guard !own.contains(path.text) else {
      throw RegistryError(
        .refused,
        "\(version) has a file \(file.text.quoted), which is the name of one of the remote's own documents",
        hint: "push it without --plain")
    }
    return path
  }

  /// The channel's object.
  public static func channel(_ adapter: AdapterName, _ name: ChannelName) -> RelativePath {
    path("\(channels)\(adapter)/\(name.text).json")
  }

  public static func robot(_ robot: RobotName) -> RelativePath { path("\(robots)\(robot.text).json") }

  /// `HEX  ../../blobs/sha256/HEX` for each file, so that `sha256sum -c` checks a copy of the prefix.
  public static func checksumText(_ files: [Manifest.File]) -> String {
    Set(files.map(\.digest.hex)).sorted().map { "\($0)  ../../blobs/sha256/\($0)\n" }.joined()
  }

  /// Made of names that have no character which a path refuses.
  static func path(_ text: String) -> RelativePath {
    guard let path = try? RelativePath(parsing: text) else { preconditionFailure("\(text) is a plain path") }
    return path
  }
}

/// What a robot calls itself on a remote: like an adapter, with dots.
public struct RobotName: Hashable, Sendable {
  public static let maximumBytes = 63
  public let text: String

  /// - Throws: `usage` for anything but 1 to 63 of `a-z`, `0-9`, `_`, `-` and `.`, beginning with a letter or digit.
  public init(parsing text: String) throws(RegistryError) {
    func isWord(_ byte: UInt8) -> Bool { (97...122).contains(byte) || (48...57).contains(byte) }
    guard let first = text.utf8.first, isWord(first), text.utf8.count <= Self.maximumBytes,
      text.utf8.allSatisfy({ isWord($0) || "_-.".utf8.contains($0) })
    else {
      throw RegistryError(
        .usage, "\(text.quoted) is no robot's name",
        hint: "1 to \(Self.maximumBytes) of a-z, 0-9, _, - and ., beginning with a letter or digit")
    }
    self.text = text
  }

  /// The nearest name to a machine's, which may have capitals and other characters.
  public init(nearest text: String) {
    let bytes = text.lowercased().utf8.map { byte in
      (97...122).contains(byte) || (48...57).contains(byte) || "_-.".utf8.contains(byte)
        ? byte : UInt8(ascii: "-")
    }
    let name = String(
      decoding: bytes.drop { "_-.".utf8.contains($0) }.prefix(Self.maximumBytes), as: UTF8.self)
    self.text = name.isEmpty ? "robot" : name
  }
}
