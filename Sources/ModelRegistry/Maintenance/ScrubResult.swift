public import RegistryModel

/// How much a scrub may read, and how fast.
public struct ScrubBudget: Hashable, Sendable {
  public static let standardBytesPerSecond: Int64 = 8 << 20

  /// Nil: as fast as the medium gives it to whoever comes last.
  public var bytesPerSecond: Int64?
  /// It stops behind the blob with which it has read so many; nil: at the end of the pass.
  public var bytes: Int64?

  public init(bytesPerSecond: Int64? = Self.standardBytesPerSecond, bytes: Int64? = nil) {
    self.bytesPerSecond = bytesPerSecond
    self.bytes = bytes
  }
}

/// How far the scrub has come, over all its runs.
public struct ScrubState: Hashable, Sendable {
  /// When the pass that is under way began; nil where none is.
  public let startedAt: Timestamp?
  /// When everything had been read the last time; nil: never.
  public let finishedAt: Timestamp?
  /// Bytes of blobs that the pass under way has read, else the last one.
  public let doneBytes: Int64
  /// Bytes of all blobs now.
  public let totalBytes: Int64
  /// Places that the same pass found damaged.
  public let damaged: Int

  /// How much of the pass that is under way is done, 0 to 1; without one 1 where there ever was one.
  public var share: Double {
    guard startedAt != nil else { return finishedAt == nil ? 0 : 1 }
    return totalBytes == 0 ? 0 : min(1, Double(doneBytes) / Double(totalBytes))
  }
}

/// What one run of a scrub read and found.
public struct ScrubResult: Hashable, Sendable {
  public internal(set) var checkedBlobs = 0
  public internal(set) var checkedBytes: Int64 = 0
  /// Bytes that could not be read from the medium itself.
  public internal(set) var bytesFromCache: Int64 = 0
  public internal(set) var damaged: [Damage] = []
  public internal(set) var warnings: [String] = []
  /// Whether it came to the end of the pass.
  public internal(set) var isFinished = false
  public internal(set) var state: ScrubState

  mutating func add(_ read: VerifyResult) {
    checkedBlobs += read.checkedBlobs
    checkedBytes += read.checkedBytes
    bytesFromCache += read.bytesFromCache
    damaged += read.damaged
    warnings += read.warnings
  }
}
