import Foundation

/// A folder of one test, removed when the last reference goes.
///
/// Lies on the file system that the tests run on, never on a tmpfs: durability calls should be real.
public final class Scratch: Sendable {
  public let path: String

  public init(_ label: String = "store") throws {
    let base = ProcessInfo.processInfo.environment["MODELCTL_TEST_SCRATCH"] ?? "/var/tmp"
    path = "\(base)/modelregistry-\(label)-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

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
