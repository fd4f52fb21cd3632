/// What an archive of episodes is called: `ROBOT_YYYYMMDDTHHMMSSZ_DIGEST8`, so that two of one day are two.
public struct ArchiveName: Hashable, Sendable {
  public static let folder = "episodes/"
  public let text: String

  public init(robot: RobotName, at moment: Timestamp, digest: Digest) {
    let time = moment.description.prefix(19).filter { $0 != "-" && $0 != ":" }
    text = "\(robot.text)_\(time)Z_\(digest.hex.prefix(8))"
  }

  /// - Throws: `integrity` for a name of another form.
  public init(parsing text: String) throws(RegistryError) {
    let parts = text.split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count >= 3, let digest = parts.last, digest.utf8.count == 8,
      digest.utf8.allSatisfy({ $0.isLowercaseHexDigit }), parts[parts.count - 2].utf8.count == 16,
      (try? RobotName(parsing: parts.dropLast(2).joined(separator: "_"))) != nil
    else {
      throw RegistryError(
        .integrity, "\(text.quoted) is no archive's name", hint: "archives are called ROBOT_TIME_DIGEST")
    }
    self.text = text
  }

  public var file: String { "\(text).zip" }
  public var manifest: String { "\(text).json" }
  /// Where the archive and its manifest lie on a remote.
  public var object: RelativePath { RemoteLayout.path(Self.folder + file) }
  public var manifestObject: RelativePath { RemoteLayout.path(Self.folder + manifest) }
}

extension UInt8 {
  fileprivate var isLowercaseHexDigit: Bool { 0x30...0x39 ~= self || 0x61...0x66 ~= self }
}
