import ModelRegistry
import RegistryModel
import Synchronization

/// A directory remote on which somebody writes the same bytes anew just before each of the next readings of a channel or
/// report, so that the generation that was looked up is gone.
final class Overtaken: ObjectStore {
  private let directory: DirectoryStore
  private let rest: Mutex<Int>

  init(_ directory: DirectoryStore, times: Int) {
    self.directory = directory
    rest = Mutex(times)
  }

  var uri: String { directory.uri }
  var traffic: RemoteTraffic { directory.traffic }
  /// How many readings are still to be overtaken.
  var restCount: Int { rest.withLock { $0 } }

  func info(_ name: RelativePath) throws(RegistryError) -> ObjectInfo? { try directory.info(name) }

  func read(
    _ info: ObjectInfo, from offset: Int64, into sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    if ["channels", "robots"].contains(info.name.components.first), rest.withLock({ $0.countDown() }) {
      var bytes: [UInt8] = []
      try directory.read(info, from: 0) { bytes += $0 }
      _ = try directory.replace(info.name, with: bytes, ifGeneration: info.generation)
    }
    try directory.read(info, from: offset, into: sink)
  }

  func create(
    _ name: RelativePath, _ source: any ObjectSource, metadata: [String: String], sent: (Int64) throws -> Void
  ) throws -> ObjectCreation {
    try directory.create(name, source, metadata: metadata, sent: sent)
  }

  func settle(_ info: ObjectInfo) throws(RegistryError) { try directory.settle(info) }

  func copy(_ source: ObjectInfo, to name: RelativePath) throws(RegistryError) -> ObjectCreation {
    try directory.copy(source, to: name)
  }

  func replace(
    _ name: RelativePath, with bytes: [UInt8], ifGeneration generation: Int64
  ) throws(RegistryError) -> ObjectInfo? {
    try directory.replace(name, with: bytes, ifGeneration: generation)
  }

  func list(_ query: ObjectQuery, page: String?) throws(RegistryError) -> ObjectPage {
    try directory.list(query, page: page)
  }

  func remove(_ name: RelativePath, ifGeneration generation: Int64) throws(RegistryError) -> Bool {
    try directory.remove(name, ifGeneration: generation)
  }
}

extension Int {
  /// Whether there was one left.
  fileprivate mutating func countDown() -> Bool {
    self -= 1
    return self >= 0
  }
}
