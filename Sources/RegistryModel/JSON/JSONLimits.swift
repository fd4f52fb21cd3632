/// How much a JSON document may ask of the machine that reads it.
public struct JSONLimits: Hashable, Sendable {
  /// The most bytes of a document.
  public let maximumBytes: Int
  /// The most arrays and objects within each other.
  public let maximumDepth: Int
  /// The most values in all: each takes around 100 bytes of memory, however few it takes in the document.
  public let maximumValues: Int

  public init(maximumBytes: Int, maximumDepth: Int, maximumValues: Int) {
    self.maximumBytes = maximumBytes
    self.maximumDepth = maximumDepth
    self.maximumValues = maximumValues
  }

  /// 16 MiB, 64 levels and a million values, for anything that people or programs send.
  public static let standard = JSONLimits(
    maximumBytes: 16 << 20, maximumDepth: 64, maximumValues: 1_000_000)
}
