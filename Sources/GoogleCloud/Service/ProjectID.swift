public import RegistryModel

/// A project of Google Cloud, by its name or its number.
public struct ProjectID: Hashable, Sendable {
  public let text: String

  /// - Throws: `usage` for anything but 1 to 63 of `a-z`, `0-9`, `-`, `.` and `:`, beginning with a letter or digit.
  public init(parsing text: String) throws(RegistryError) {
    func isWord(_ byte: UInt8) -> Bool { (97...122).contains(byte) || byte.isASCIIDigit }
    guard let first = text.utf8.first, isWord(first), text.utf8.count <= 63,
      text.utf8.allSatisfy({ isWord($0) || "-.:".utf8.contains($0) })
    else {
      throw RegistryError(
        .usage, "\(text.quoted) is no project of Google Cloud",
        hint: "write its ID as `gcloud projects list` shows it, such as continuon-prod")
    }
    self.text = text
  }
}

extension ProjectID: CustomStringConvertible {
  public var description: String { text }
}
