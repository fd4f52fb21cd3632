/// A resumable upload between its start and its end.
struct UploadSession {
  enum Status {
    case open
    case finished(StoredObject)
    /// Cancelled, expired before its time or refused for its bytes.
    case gone
  }

  /// Chunks that are not the last are stored in multiples of this.
  static let alignmentBytes: Int64 = 262_144
  static let lifeMicroseconds: Int64 = 7 * 86_400 * 1_000_000

  var draft: InsertDraft
  /// The size that the client announced at the start or with a chunk.
  var total: Int64?
  var startedMicroseconds: Int64
  var store: ByteStore
  var status = Status.open
  let fields: FieldsMask?

  static func alignedDown(_ count: Int64) -> Int64 { count / alignmentBytes * alignmentBytes }
}
