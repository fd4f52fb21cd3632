/// Where versions are shared: a bucket and prefix, or a directory, as little of it as sync needs.
///
/// Names are below the store's prefix. Objects are never appended to: one is created whole, and replaced whole by whoever
/// names the generation that he read. Every call blocks until the store answered, so call from a thread of your own.
/// Several threads may call at once.
///
/// Errors, which all implementations share: `remote` where the store can't be reached or keeps failing, `permission` for
/// credentials that are missing or not enough, `integrity` for bytes that aren't what the store itself says they are,
/// and `notFound` where a bucket or directory is missing; an object that is missing is an answer and no error.
public protocol ObjectStore: Sendable {
  /// `gs://BUCKET/PREFIX` or `file:///DIR`, for messages.
  var uri: String { get }

  /// What this object cost the network so far.
  var traffic: RemoteTraffic { get }

  /// What is known of an object; nil when there is none.
  func info(_ name: RelativePath) throws(RegistryError) -> ObjectInfo?

  /// Streams an object's bytes from `offset` to its end, exactly those of `info.generation`; retries by itself, going on
  /// where it stopped.
  ///
  /// - Throws: `notFound` when that generation is gone; whatever `sink` throws, after which no piece follows.
  func read(
    _ info: ObjectInfo, from offset: Int64, into sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws

  /// Makes an object that isn't there yet, with all bytes of `source`. When this returns it is durable, and the store has
  /// checked its CRC32C where it can.
  ///
  /// Never replaces: ``ObjectCreation/existed`` brings what is there under the name, durable by now, which may be the
  /// result of an earlier try of one's own. `sent` gets the number of bytes that the store took since the last call.
  ///
  /// - Throws: whatever `sent` throws, after which nothing more is sent: what was can be gone on with.
  func create(
    _ name: RelativePath, _ source: any ObjectSource, metadata: [String: String], sent: (Int64) throws -> Void
  ) throws -> ObjectCreation

  /// Makes sure that an object which was found there is durable, its name included: whoever made it may have died before
  /// he could. To be called before anything that refers to it is made.
  func settle(_ info: ObjectInfo) throws(RegistryError)

  /// Makes an object from another one, create-only as ``create(_:_:metadata:sent:)``, without the bytes passing here.
  func copy(_ source: ObjectInfo, to name: RelativePath) throws(RegistryError) -> ObjectCreation

  /// Puts bytes in the place of exactly that generation, 0 where there must be none; nil, and nothing changed, when
  /// another one stands there.
  func replace(
    _ name: RelativePath, with bytes: [UInt8], ifGeneration generation: Int64
  ) throws(RegistryError) -> ObjectInfo?

  /// One page of names, in the order of their UTF-8 bytes.
  ///
  /// A page may be empty and still have a next one. Names that are no ``RelativePath`` are left out.
  func list(_ query: ObjectQuery, page: String?) throws(RegistryError) -> ObjectPage

  /// Removes exactly that generation; false when it wasn't there.
  func remove(_ name: RelativePath, ifGeneration generation: Int64) throws(RegistryError) -> Bool
}

/// Requests and bytes between here and a store. A directory's are calls and the bytes of objects.
public struct RemoteTraffic: Hashable, Sendable {
  public var requests: Int64 = 0
  public var bytesIn: Int64 = 0
  public var bytesOut: Int64 = 0

  public init(requests: Int64 = 0, bytesIn: Int64 = 0, bytesOut: Int64 = 0) {
    self.requests = requests
    self.bytesIn = bytesIn
    self.bytesOut = bytesOut
  }
}

/// What a store says of an object.
public struct ObjectInfo: Hashable, Sendable {
  public let name: RelativePath
  /// Names these very bytes: every replacement has another one. Above 0.
  public let generation: Int64
  public let bytes: Int64
  /// Of all bytes; nil where the store keeps none.
  public let crc32c: UInt32?
  /// When these bytes were made, by the store's clock and nobody else's.
  public let createdAt: Timestamp
  public let metadata: [String: String]

  public init(
    name: RelativePath, generation: Int64, bytes: Int64, crc32c: UInt32?, createdAt: Timestamp,
    metadata: [String: String] = [:]
  ) {
    self.name = name
    self.generation = generation
    self.bytes = bytes
    self.crc32c = crc32c
    self.createdAt = createdAt
    self.metadata = metadata
  }
}

/// How a create-only write ended.
public enum ObjectCreation: Hashable, Sendable {
  case created(ObjectInfo)
  /// Something was there already; nothing was changed.
  case existed(ObjectInfo)

  public var info: ObjectInfo {
    switch self {
    case .created(let info), .existed(let info): info
    }
  }
}

/// Which names to list.
public struct ObjectQuery: Hashable, Sendable {
  /// Names that begin so; a folder's ends in a slash, so that `robot_001_v4/` never means `robot_001_v40/`.
  public let prefix: String
  /// Names from here on, this one included.
  public let start: String?
  /// Whether names with a further slash behind the prefix are put together as one folder.
  public let isShallow: Bool
  /// The most objects and folders in one page, 1 to 1,000.
  public let pageSize: Int

  public init(prefix: String, start: String? = nil, isShallow: Bool = false, pageSize: Int = 1000) {
    self.prefix = prefix
    self.start = start
    self.isShallow = isShallow
    self.pageSize = min(max(pageSize, 1), 1000)
  }
}

public struct ObjectPage: Hashable, Sendable {
  public let objects: [ObjectInfo]
  /// Folders of a shallow listing, each with its final slash.
  public let folders: [String]
  /// Asks for the page behind this one; nil at the end.
  public let next: String?

  public init(objects: [ObjectInfo], folders: [String] = [], next: String? = nil) {
    self.objects = objects
    self.folders = folders
    self.next = next
  }
}

/// The bytes of an upload: read several times, and from any offset, when it has to be resumed.
public protocol ObjectSource: Sendable {
  var bytes: Int64 { get }
  /// What tells this content from any other; an interrupted upload is only gone on with where it is equal. Nil: never.
  var identity: Digest? { get }

  /// Fills the buffer from `offset` on; the number of bytes, 0 only at the end.
  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// A small document in memory.
public struct DocumentSource: ObjectSource {
  private let document: [UInt8]
  public let identity: Digest?

  public init(_ document: [UInt8], identity: Digest? = nil) {
    self.document = document
    self.identity = identity
  }

  public var bytes: Int64 { Int64(document.count) }

  public func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard offset < bytes else { return 0 }
    let piece = document[Int(offset)...].prefix(buffer.count)
    buffer.copyBytes(from: piece)
    return piece.count
  }
}
