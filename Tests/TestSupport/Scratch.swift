import Foundation

/// A folder of one test, removed when the last reference goes.
///
/// Lies on the file system that the tests run on and not on a tmpfs: durability calls should be real. Where it doesn't
/// matter, as a kill leaves the same anywhere, `inMemory` spares the medium.
public final class Scratch: Sendable {
  public let path: String
  private let isBorrowed: Bool

  /// A folder of somebody else's, which stays.
  public init(borrowing path: String) {
    self.path = path
    isBorrowed = true
  }

  public init(_ label: String = "store", inMemory: Bool = false) throws {
    let base =
      ProcessInfo.processInfo.environment["MODELCTL_TEST_SCRATCH"]
      ?? (inMemory && Self.hasRoom("/dev/shm") ? "/dev/shm" : "/var/tmp")
    path = "\(base)/modelregistry-\(label)-\(UUID().uuidString.prefix(13))"
    isBorrowed = false
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  private static func hasRoom(_ path: String) -> Bool {
    let free = try? FileManager.default.attributesOfFileSystem(forPath: path)[.systemFreeSize] as? NSNumber
    return (free?.int64Value ?? 0) > 1 << 30
  }

  deinit { if !isBorrowed { try? FileManager.default.removeItem(atPath: path) } }

  public func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, folders included, and returns its path.
  @discardableResult
  public func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = self(name)
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: file))
    return file
  }

  @discardableResult
  public func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }
}
