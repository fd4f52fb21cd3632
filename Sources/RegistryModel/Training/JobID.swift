/// The name of a training job: `job_` and 12 hexadecimal digits where it is made here.
///
/// Documents of others may have longer names; they are read as long as they fit into an object's name and a label.
public struct JobID: Hashable, Sendable, Comparable {
  public static let prefix = "job_"
  public static let maximumBytes = 63
  public let text: String

  /// - Throws: `usage` for anything but 1 to 63 of `a-z`, `0-9`, `_` and `-`, beginning with a letter or digit.
  public init(parsing text: String) throws(RegistryError) {
    func isWord(_ byte: UInt8) -> Bool { (97...122).contains(byte) || (48...57).contains(byte) }
    guard let first = text.utf8.first, isWord(first), text.utf8.count <= Self.maximumBytes,
      text.utf8.allSatisfy({ isWord($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") })
    else {
      throw RegistryError(
        .usage, "\(text.quoted) is no job's name",
        hint: "jobs are called like job_9f2c51d07ab3; see `train list`")
    }
    self.text = text
  }

  /// A new name, by 48 random bits: whoever makes the document must still make it create-only.
  public init(random: UInt64) {
    let hex = String(random & 0xffff_ffff_ffff, radix: 16)
    text = Self.prefix + String(repeating: "0", count: 12 - hex.utf8.count) + hex
  }

  public static func < (left: JobID, right: JobID) -> Bool { left.text < right.text }
}

extension JobID: CustomStringConvertible {
  public var description: String { text }
}

extension JSONKind where Value == JobID {
  public static var job: Self { .parsed(JobID.init(parsing:)) }
}
