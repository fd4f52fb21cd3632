/// How much a JSON document may ask of the machine that reads it.
public struct JSONLimits: Hashable, Sendable {
  /// The most bytes of a document.
  public let maximumBytes: Int
  /// The most arrays and objects within each other.
  public let maximumDepth: Int

  public init(maximumBytes: Int, maximumDepth: Int) {
    self.maximumBytes = maximumBytes
    self.maximumDepth = maximumDepth
  }

  /// 16 MiB and 64 levels, for anything that people or programs send.
  public static let standard = JSONLimits(maximumBytes: 16 << 20, maximumDepth: 64)
}
