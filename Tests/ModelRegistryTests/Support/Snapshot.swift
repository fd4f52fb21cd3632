import Foundation
import ModelRegistry
import TestSupport

/// Everything under a store's root but SQLite's own files and locks, to compare before and after.
struct Snapshot: Hashable, CustomStringConvertible {
  private(set) var entries: [String: String] = [:]

  init(_ root: String, without hidden: Set<String> = []) throws {
    for name in try FileManager.default.subpathsOfDirectory(atPath: root) {
      guard !name.hasPrefix("registry.db"), !name.hasPrefix("locks/"), !hidden.contains(name) else {
        continue
      }
      let path = "\(root)/\(name)"
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      switch attributes[.type] as? FileAttributeType {
      case .typeDirectory?: entries[name] = "folder"
      case .typeSymbolicLink?:
        entries[name] = try "-> " + FileManager.default.destinationOfSymbolicLink(atPath: path)
      default:
        entries[name] = "\(try Data(contentsOf: URL(filePath: path)).base64EncodedString().hashValue)"
      }
    }
  }

  var names: Set<String> { Set(entries.keys) }

  var description: String {
    entries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: "\n")
  }
}

/// Runs `body` and says what it left under the store's root that was not there before, or took away.
func change(of root: String, _ body: () throws -> Void) throws -> [String] {
  let before = try Snapshot(root)
  try body()
  let after = try Snapshot(root)
  return Set(before.entries.map { "\($0)" }).symmetricDifference(after.entries.map { "\($0)" }).sorted()
}
