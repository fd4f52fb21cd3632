/// The name of a recorded episode: a file's without `.json`, or a folder's.
public struct EpisodeName: Hashable, Sendable, Comparable {
  public let text: String

  /// - Throws: `integrity` for what is no single component of a path, is hidden, or is longer than a manifest takes.
  public init(parsing text: String) throws(RegistryError) {
    let path = try RelativePath(parsing: text)
    guard path.components.count == 1, !text.hasPrefix("."),
      text.utf8.count <= ArchiveManifest.maximumBytesOfText - 5
    else {
      throw RegistryError(
        .integrity, "\(text.quoted) is no episode's name", hint: "rename it: at most 251 bytes, not hidden")
    }
    self.text = text
  }

  public static func < (left: EpisodeName, right: EpisodeName) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }
}
