@testable import ModelRegistry

/// Everything that a store is, as text: names, modes, link texts, digests of bytes, and the index's rows.
///
/// The bytes of the index's own files are left out, and which inode holds what.
public struct StoreSnapshot: Hashable, Sendable {
  public let lines: [String]

  public init(_ root: String) throws {
    var lines: [String] = []
    for path in Disk.paths(below: root) where !path.hasPrefix("registry.db") {
      let status = Disk.status("\(root)/\(path)")
      let mode = String(status?.mode ?? 0, radix: 8)
      switch status?.kind {
      case .link: lines.append("\(path) -> \(Disk.link("\(root)/\(path)") ?? "?")")
      case .folder: lines.append("\(path)/ \(mode)")
      case .file:
        // The reserve's blocks count, its bytes don't.
        let digest =
          path == "reserve" ? nil : try Disk.bytes("\(root)/\(path)").map { try Digest.sha256(of: $0) }
        lines.append("\(path) \(mode) \(status?.bytes ?? 0) \(digest?.short ?? "")")
      default: lines.append("\(path) ?")
      }
    }
    for (table, rows) in try StoreRows(root, dumping: true)?.dump.sorted(by: { $0.key < $1.key }) ?? [] {
      lines += rows.map { "\(table): \($0)" }
    }
    self.lines = lines
  }

  /// What `other` has more and less, at most ten lines.
  public func differences(to other: StoreSnapshot) -> [String] {
    let mine = Set(lines)
    let its = Set(other.lines)
    return Array(
      (lines.filter { !its.contains($0) }.map { "- \($0)" }
        + other.lines.filter { !mine.contains($0) }.map { "+ \($0)" })
        .prefix(10))
  }
}
