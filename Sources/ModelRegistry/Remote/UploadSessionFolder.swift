import DurableFiles
import RegistryModel

/// Upload sessions under `private/uploads`: one small file each, which only the owner reads. Never in the index, and so
/// never in a copy of it.
///
/// A session that a crash loses costs the bytes that were sent, nothing else: the file is whole or it isn't there.
struct UploadSessionFolder: UploadSessions {
  let store: Store

  func session(for key: UploadKey) throws(RegistryError) -> UploadSession? {
    try reporting("read an upload session") { () -> UploadSession? in
      guard let folder = try Self.openFolder(store, making: false) else { return nil }
      let bytes: [UInt8]
      do {
        bytes = try folder.readSmallFile(Self.name(key), limit: 64 << 10)
      } catch let error as FileError {
        guard error.isMissing else { throw error }
        return nil
      }
      // What can't be read is a session that is lost.
      guard var reader = try? JSONReader(JSONValue(parsing: bytes), context: "upload session"),
        let address = try? reader.required("address", .string),
        let startedAt = try? reader.required("started_at", .timestamp)
      else { return nil }
      return UploadSession(address: address, startedAt: startedAt)
    }
  }

  func keep(_ session: UploadSession, for key: UploadKey) throws(RegistryError) {
    try reporting("keep an upload session") {
      guard let folder = try Self.openFolder(store, making: true) else { return }
      let bytes = JSONValue.object([
        "address": .string(session.address), "started_at": .string(session.startedAt.description),
      ]).canonicalBytes
      let file = try folder.createFile(mode: 0o600)
      try bytes.withUnsafeBytes { try file.write($0) }
      try file.sync()
      let name = try Self.name(key)
      try folder.remove(name)
      _ = try file.link(as: name, in: folder)
      try folder.sync()
    }
  }

  func forget(_ key: UploadKey) throws(RegistryError) {
    try reporting("forget an upload session") {
      guard let folder = try Self.openFolder(store, making: false) else { return }
      try folder.remove(Self.name(key))
    }
  }

  func hold(_ key: UploadKey) throws(RegistryError) -> (any UploadHold)? {
    try reporting("hold an upload session") { () -> (any UploadHold)? in
      guard let folder = try Self.openFolder(store, making: true) else { return nil }
      let name = "\(try Self.name(key)).lock"
      return try FileLock.tryAcquire(name, in: folder, .exclusive).map {
        Hold(name: name, folder: folder, lock: $0)
      }
    }
  }

  private final class Hold: UploadHold {
    private let name: String
    private let folder: Directory
    private let lock: FileLock

    init(name: String, folder: Directory, lock: FileLock) {
      (self.name, self.folder, self.lock) = (name, folder, lock)
    }

    func release() {
      _ = try? folder.remove(name)
      lock.release()
    }

    deinit { release() }
  }

  private static func name(_ key: UploadKey) throws -> String {
    try Digest.sha256(of: Array("\(key.object)\n\(key.content)\n\(key.bytes)".utf8)).hex
  }

  private static func openFolder(_ store: Store, making: Bool) throws -> Directory? {
    let name = "private/uploads"
    do {
      return try store.root.directory(name)
    } catch {
      guard error.isMissing else { throw error }
      guard making else { return nil }
    }
    return try store.privateFolder("uploads")
  }
}

extension Store {
  /// A folder under `private/`, made where it is missing; only the owner enters it.
  func privateFolder(_ name: String) throws -> Directory {
    do {
      return try root.directory("private/\(name)")
    } catch {
      guard error.isMissing else { throw error }
    }
    let parent = try root.directory("private")
    do {
      try parent.makeDirectory(name, mode: 0o700)
    } catch {
      guard error.exists else { throw error }
    }
    return try parent.directory(name)
  }
}
