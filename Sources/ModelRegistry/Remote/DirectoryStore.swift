import DurableFiles
import Glibc
public import RegistryModel

/// A remote that is a directory: a USB stick, a share, or a test. The embedded default.
///
/// Objects are files, and an object's generation is its modification time in nanoseconds, so the number lies in the
/// file itself. Order: bytes without a name, flush, the name, flush of its folder and of those above it, which somebody
/// else may have made a moment ago. A crash before the name leaves nothing. Whoever replaces an object holds a lock beside it, `.NAME.lock`, from the look at its
/// generation to the rename; every other process and machine that mounts the directory with locks is kept out.
public final class DirectoryStore: ObjectStore {
  static let chunkBytes = 1 << 20
  private static let lockMilliseconds: Int64 = 30_000
  /// So that a newer one can be counted from any.
  private static let largestGeneration = Int64.max - 4_000_000_000

  public let uri: String
  let root: Directory
  private let meter = Meter()
  let listing = ListingCache()

  /// - Throws: `remote` where the directory isn't there: a stick that isn't plugged in is no empty remote.
  public init(at path: String) throws(RegistryError) {
    uri = "file://\(path)"
    do {
      root = try Directory.open(path)
    } catch {
      throw RegistryError(
        error.isPermission ? .permission : .remote, "the remote file://\(path) can't be opened: \(error)",
        hint: "plug it in or mount it, or make the directory")
    }
  }

  public var traffic: RemoteTraffic { meter.traffic }

  public func info(_ name: RelativePath) throws(RegistryError) -> ObjectInfo? {
    meter.asked()
    return try asking("look up \(name.text)") { try status(of: name) }
  }

  private func status(of name: RelativePath) throws -> ObjectInfo? {
    do {
      return try root.status(name.text).flatMap { Self.info(name, $0) }
    } catch {
      guard error.isWrongKind else { throw error }
      return nil  // something on the way is no folder
    }
  }

  static func info(_ name: RelativePath, _ status: FileStatus) -> ObjectInfo? {
    guard status.kind == .file else { return nil }
    return ObjectInfo(
      name: name, generation: min(max(status.modifiedNanoseconds, 1), largestGeneration), bytes: status.size,
      crc32c: nil,
      createdAt: Timestamp(milliseconds: status.modifiedNanoseconds / 1_000_000))
  }

  public func read(
    _ info: ObjectInfo, from offset: Int64, into sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    meter.asked()
    let file = try asking("read \(info.name.text)") { () -> ReadableFile in
      let gone = RegistryError(
        .notFound, "\(info.name.text) in \(uri) was replaced or removed", hint: "run the command again")
      do {
        let file = try root.openFile(info.name.text)
        guard Self.info(info.name, try file.status())?.generation == info.generation else { throw gone }
        return file
      } catch let error as FileError where error.isMissing {
        throw gone
      }
    }
    let buffer = ReadableFile.alignedBuffer(byteCount: Self.chunkBytes)
    defer { buffer.deallocate() }
    var position = offset
    while true {
      let count = try asking("read \(info.name.text)") {
        try file.read(at: position, into: buffer)
      }
      if count == 0 { break }
      position += Int64(count)
      meter.read(count)
      try sink(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    guard position >= info.bytes else {
      throw RegistryError(
        .integrity, "\(info.name.text) in \(uri) is shorter than it was",
        hint: "check the medium of the remote")
    }
  }

  public func create(
    _ name: RelativePath, _ source: any ObjectSource, metadata: [String: String], sent: (Int64) throws -> Void
  ) throws -> ObjectCreation {
    meter.asked()
    if let known = try asking("look up \(name.text)", { try status(of: name) }) {
      try settle(known)
      return .existed(known)
    }
    let way = try asking("make the folder of \(name.text)") { try self.way(to: name, making: true) }
    let file = try asking("create \(name.text)") { try way.folder.createFile(mode: 0o644) }
    let buffer = ReadableFile.alignedBuffer(byteCount: Self.chunkBytes)
    defer { buffer.deallocate() }
    var position: Int64 = 0
    while true {
      let count = try source.read(at: position, into: buffer)
      if count == 0 { break }
      try asking("write \(name.text)") {
        try file.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        file.startWriteback(from: position, count: Int64(count))
      }
      position += Int64(count)
      meter.wrote(count)
      try sent(Int64(count))
    }
    guard position == source.bytes else {
      throw RegistryError(
        .integrity, "the source of \(name.text) changed its length", hint: "run the command again")
    }
    return try asking("create \(name.text)") {
      try stamp(file)
      try file.sync()
      return try finish(file, name, way)
    }
  }

  /// Gives a whole file its name, durably.
  private func finish(_ file: NewFile, _ name: RelativePath, _ way: Way) throws -> ObjectCreation {
    let isNew = try file.link(as: way.leaf, in: way.folder)
    try way.sync()
    return isNew ? .created(try present(name)) : .existed(try present(name))
  }

  private func present(_ name: RelativePath) throws -> ObjectInfo {
    if let info = try status(of: name) { return info }
    throw RegistryError(.remote, "\(name.text) vanished from \(uri)", hint: "see who else writes there")
  }

  public func settle(_ info: ObjectInfo) throws(RegistryError) {
    try asking("flush \(info.name.text)") { try way(to: info.name, making: false).sync() }
  }

  public func copy(_ source: ObjectInfo, to name: RelativePath) throws(RegistryError) -> ObjectCreation {
    meter.asked()
    return try asking("copy \(source.name.text)") {
      guard try status(of: source.name)?.generation == source.generation else {
        throw RegistryError(
          .notFound, "\(source.name.text) in \(uri) was replaced or removed", hint: "run the command again")
      }
      let original = try root.openFile(source.name.text)
      let to = try way(to: name, making: true)
      if let known = try status(of: name) {
        try to.sync()
        return .existed(known)
      }
      // A file of its own, and no second name of the blob: whoever edits it in place changes nothing else.
      let file = try to.folder.createFile(mode: 0o644)
      if try file.clone(of: original) {
        try stamp(file)
        try file.sync()
        return try finish(file, name, to)
      }
      return try create(name, FileSource(original, identity: nil), metadata: [:]) { _ in }
    }
  }

  public func replace(
    _ name: RelativePath, with bytes: [UInt8], ifGeneration generation: Int64
  ) throws(RegistryError) -> ObjectInfo? {
    meter.asked()
    return try asking("replace \(name.text)") {
      let way = try way(to: name, making: true)
      let (folder, leaf) = (way.folder, way.leaf)
      let lock = try FileLock.acquire(
        ".\(leaf).lock", in: folder, .exclusive, waitingAtMost: Self.lockMilliseconds)
      guard let lock else {
        throw RegistryError(.busy, "somebody holds the lock of \(name.text) in \(uri)", hint: "try again")
      }
      defer { lock.release() }
      let current = try status(of: name)?.generation ?? 0
      guard current == generation else { return nil }
      let file = try folder.createFile(mode: 0o644)
      try bytes.withUnsafeBytes { try file.write($0) }
      try stamp(file)
      try Self.makeNewer(file, than: current)
      try file.sync()
      meter.wrote(bytes.count)
      guard current != 0 else {
        let creation = try finish(file, name, way)
        guard case .created(let info) = creation else { return nil }
        return info
      }
      let aside = ".\(leaf).new"
      try folder.remove(aside)
      guard try file.link(as: aside, in: folder) else { return nil }
      try folder.rename(aside, to: leaf, in: folder, replacing: true)
      try way.sync()
      return try status(of: name)
    }
  }

  /// A file system may keep times in steps of up to 2 s, and the clock may be behind.
  private static func makeNewer(_ file: NewFile, than generation: Int64) throws {
    for step in [1, 1_000, 1_000_000, 1_000_000_000, 2_000_000_000] as [Int64] {
      guard try file.status().modifiedNanoseconds <= generation else { return }
      try file.setModified(nanoseconds: generation + step)
    }
  }

  public func remove(_ name: RelativePath, ifGeneration generation: Int64) throws(RegistryError) -> Bool {
    guard try info(name)?.generation == generation else { return false }
    return try asking("remove \(name.text)") {
      let way = try way(to: name, making: false)
      guard try way.folder.remove(way.leaf) else { return false }
      try way.folder.sync()
      return true
    }
  }

  public func list(_ query: ObjectQuery, page: String?) throws(RegistryError) -> ObjectPage {
    meter.asked()
    return try asking("list \(query.prefix)") { try listing.page(query, page, in: root) }
  }

  /// The folders from the root to a name.
  private struct Way {
    var folders: [Directory]
    let leaf: String

    var folder: Directory { folders[folders.count - 1] }

    /// Makes the name durable, and those of the folders above it, innermost first.
    func sync() throws { for folder in folders.reversed() { try folder.sync() } }
  }

  private func way(to name: RelativePath, making: Bool) throws -> Way {
    let components = name.components
    var way = Way(folders: [root], leaf: components[components.count - 1])
    for component in components.dropLast() {
      if making, try way.folder.status(component) == nil {
        do { try way.folder.makeDirectory(component) } catch { guard error.exists else { throw error } }
      }
      way.folders.append(try way.folder.directory(component))
    }
    return way
  }

  /// What fails here is the remote's: a medium that was pulled out, or a share that went away, isn't this machine's disk.
  func asking<T>(_ doing: String, _ body: () throws -> T) throws(RegistryError) -> T {
    try reporting("\(doing) in \(uri)", unchanged: "the remote is as it was") {
      do {
        return try body()
      } catch let error as FileError where error.isAway {
        throw RegistryError(
          .remote, "can't \(doing) in \(uri): \(error)", unchanged: "the remote is as it was",
          hint: "see whether it is still plugged in or mounted, and try again")
      }
    }
  }
}
