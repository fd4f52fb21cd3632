/// How many bytes of versions a store may keep before gc uninstalls the oldest ones.
///
/// gc begins when more than ``cleanAtPercent`` of the limit is used, and takes versions that are older than
/// ``olderThanMilliseconds`` until that is no more so. Above the limit itself it takes younger ones, too.
public struct CachePolicy: Hashable, Sendable {
  /// 1024 MB, 80 %, 168 h: what robots have room for today.
  public static let standard = CachePolicy(
    limitBytes: 1_024_000_000, cleanAtPercent: 80, olderThanMilliseconds: 168 * 3_600_000)

  public var limitBytes: Int64
  /// 1 to 100.
  public var cleanAtPercent: Int
  public var olderThanMilliseconds: Int64

  public init(limitBytes: Int64, cleanAtPercent: Int, olderThanMilliseconds: Int64) {
    self.limitBytes = limitBytes
    self.cleanAtPercent = cleanAtPercent
    self.olderThanMilliseconds = olderThanMilliseconds
  }

  /// Whether so many bytes are more than the part of the limit that may be used.
  public func isFull(_ bytes: Int64) -> Bool {
    bytes > limitBytes / 100 * Int64(cleanAtPercent) + limitBytes % 100 * Int64(cleanAtPercent) / 100
  }

  /// Whether a version of this age is to go while the store has so many bytes. Asked oldest first: the first no is
  /// the last question.
  public func wants(_ bytes: Int64, ageMilliseconds: Int64) -> Bool {
    guard isFull(bytes) else { return false }
    return bytes > limitBytes || ageMilliseconds > olderThanMilliseconds
  }
}
