#if DEBUG
  import Foundation
  import GRDB
  import ModelRegistry
  import TestSupport

  /// One copy of a prepared store, and what a case does to it from outside.
  final class Bench {
    let base: String
    let time = TestClock()

    init(_ base: String) { self.base = base }

    var root: String { "\(base)/root" }

    func options(acceptsLostIndex: Bool = false) -> OpenOptions {
      OpenOptions(clock: time.clock, caller: "tester", acceptsLostIndex: acceptsLostIndex)
    }

    func open(acceptsLostIndex: Bool = false) throws -> Registry {
      try Registry.open(root, options(acceptsLostIndex: acceptsLostIndex))
    }

    func publish(_ content: String, as adapter: String = "robot_001", in registry: Registry) throws {
      try registry.publish(
        PublishRequest(adapter: try AdapterName(parsing: adapter), paths: ["\(base)/\(content)"]))
    }

    func importModel(_ name: String, in registry: Registry) throws {
      try registry.importVersions(ImportRequest(path: "\(base)/\(name)"))
    }

    var pair: [Reference] {
      get throws { [try Reference(parsing: "robot_001_v2"), try Reference(parsing: "robot_002_v1")] }
    }

    /// Makes the note of the checked log speak of the copy's log, so that not every case begins with that check.
    func noteLog(copiedFrom source: Bench) throws {
      func log(_ root: String) -> String? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: "\(root)/registry.db-wal")
        return (attributes?[.systemFileNumber] as? NSNumber).map { "\($0)" }
      }
      let note = "\(root)/locks/checked"
      guard let text = try? FileManager.default.destinationOfSymbolicLink(atPath: note),
        let old = log(source.root), let new = log(root), text.hasSuffix(" \(old)")
      else { return }
      try FileManager.default.removeItem(atPath: note)
      try FileManager.default.createSymbolicLink(
        atPath: note, withDestinationPath: text.dropLast(old.count) + new)
    }

    // MARK: What happens behind the store's back

    private var indexFiles: [String] { ["registry.db", "registry.db-wal", "registry.db-shm"] }

    func hideIndex() throws {
      try FileManager.default.createDirectory(atPath: "\(base)/aside", withIntermediateDirectories: true)
      for name in indexFiles where FileManager.default.fileExists(atPath: "\(root)/\(name)") {
        try FileManager.default.moveItem(atPath: "\(root)/\(name)", toPath: "\(base)/aside/\(name)")
      }
    }

    /// Puts back what ``hideIndex()`` moved away, where there is any.
    func restoreIndex() throws {
      guard FileManager.default.fileExists(atPath: "\(base)/aside") else { return }
      for name in indexFiles {
        try? FileManager.default.removeItem(atPath: "\(root)/\(name)")
        if FileManager.default.fileExists(atPath: "\(base)/aside/\(name)") {
          try FileManager.default.moveItem(atPath: "\(base)/aside/\(name)", toPath: "\(root)/\(name)")
        }
      }
      try FileManager.default.removeItem(atPath: "\(base)/aside")
    }

    /// Where backups of the index are written, beside the store.
    var backup: String { "\(base)/index.backup" }

    /// The directory remote beside the store, and a bundle.
    var remote: RemoteURI {
      get throws { try RemoteURI(parsing: "file://\(base)/remote") }
    }
    var bundle: String { "\(base)/stick.tar" }

    func removeIndex() {
      for name in indexFiles { try? FileManager.default.removeItem(atPath: "\(root)/\(name)") }
    }

    /// Leaves an index as SQLite makes it before the first migration commits.
    func emptyIndex() throws {
      for name in indexFiles { try? FileManager.default.removeItem(atPath: "\(root)/\(name)") }
      let queue = try DatabaseQueue(path: "\(root)/registry.db")
      try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode=WAL") }
      try queue.close()
    }

    /// Flips a byte of v3's weights, as a failing medium does; again to flip it back.
    func spoil() throws {
      let path = "\(root)/blobs/sha256/\(Self.spoilt.hex.prefix(2))/\(Self.spoilt.hex)"
      guard chmod(path, 0o644) == 0, let file = FileHandle(forUpdatingAtPath: path) else {
        throw CocoaError(.fileNoSuchFile)
      }
      let byte = try file.read(upToCount: 1)?.first ?? 0
      try file.seek(toOffset: 0)
      try file.write(contentsOf: [byte ^ 1])
      try file.close()
      guard chmod(path, 0o444) == 0 else { throw CocoaError(.fileNoSuchFile) }
    }

    /// Gives the weights in v3's tree an inode of their own, as a file system without links has them.
    func separate() throws {
      let path = "\(root)/versions/robot_001_v3/lora_adapters.npz"
      let bytes = try Data(contentsOf: URL(filePath: path))
      try FileManager.default.removeItem(atPath: path)
      try bytes.write(to: URL(filePath: path))
      guard chmod(path, 0o444) == 0 else { throw CocoaError(.fileNoSuchFile) }
    }

    /// The digest of v3's weights.
    static let spoilt = try! Digest(hex: "c5e5ebfc07841099a5799d3e160d158543bc53f08f1b31b76a3638f718ed77a5")

    /// The folder of the active generation.
    var activeFolder: String {
      get throws { "\(root)/\(try FileManager.default.destinationOfSymbolicLink(atPath: "\(root)/active"))" }
    }

    /// Makes the active generation's prepared link lead astray, or takes it away.
    func misleadWayBack(to target: String?) throws {
      let link = "\(try activeFolder)/back"
      try? FileManager.default.removeItem(atPath: link)
      if let target { try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target) }
    }
  }
#endif
