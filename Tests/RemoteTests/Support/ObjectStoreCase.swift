import RegistryModel
import Testing

/// One thing that every remote must do, whatever it is. Each is given a store with nothing in it.
struct ObjectStoreCase: Sendable, CustomTestStringConvertible {
  /// What a peer is known to be wrong about; a store that can't do it says so by name.
  enum Need: String, Sendable, CaseIterable {
    case createOnly, createOnlyLarge, createOnlyCopies, compareAndSwap, removeByGeneration
    case pages, pagesOfFolders, folders, checksums, startOffset, jsonErrors
  }

  let name: String
  var needs: Set<Need> = []
  let body: @Sendable (any ObjectStore) throws -> Void

  var testDescription: String { name }

  static let all: [ObjectStoreCase] = reading + writing + replacing + listing
}

/// A name that is known to be a plain path.
func path(_ text: String) -> RelativePath {
  guard let path = try? RelativePath(parsing: text) else { preconditionFailure("\(text) is no plain path") }
  return path
}

extension ObjectStore {
  func put(_ name: String, _ text: String) throws -> ObjectCreation {
    try create(path(name), DocumentSource(Array(text.utf8)), metadata: [:]) { _ in }
  }

  func text(_ info: ObjectInfo, from offset: Int64 = 0) throws -> String {
    var bytes: [UInt8] = []
    try read(info, from: offset) { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }

  func all(_ query: ObjectQuery) throws -> (objects: [String], folders: [String], pages: Int) {
    var objects: [String] = []
    var folders: [String] = []
    var pages = 0
    var page: String?
    repeat {
      let listing = try list(query, page: page)
      objects += listing.objects.map(\.name.text)
      folders += listing.folders
      page = listing.next
      pages += 1
    } while page != nil && pages < 1000
    return (objects, folders, pages)
  }
}

/// A source of any length that tells what was read of it.
struct PatternSource: ObjectSource {
  let bytes: Int64
  var identity: Digest?

  static func byte(_ offset: Int64) -> UInt8 { UInt8(truncatingIfNeeded: offset &* 31 &+ offset >> 12) }

  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = Int(min(Int64(buffer.count), max(0, bytes - offset)))
    for position in 0..<count { buffer[position] = Self.byte(offset + Int64(position)) }
    return count
  }

  var crc32c: UInt32 {
    var crc = CRC32C()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 8)
    defer { buffer.deallocate() }
    var offset: Int64 = 0
    while offset < bytes {
      let count = read(at: offset, into: buffer)
      crc.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      offset += Int64(count)
    }
    return crc.value
  }
}
