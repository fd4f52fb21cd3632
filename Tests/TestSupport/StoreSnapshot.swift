/// Everything that a store is, as text: names, modes, link texts, the index's rows, and of each file which inode it
/// is and when that was last changed: what is written again with the same bytes is a change, too.
///
/// The index's own files are left out, and when folders changed.
public struct StoreSnapshot: Hashable, Sendable {
  public let lines: [String]

  public init(_ root: String) throws {
    var lines: [String] = []
    for path in Disk.paths(below: root) where !path.hasPrefix("registry.db") {
      guard let status = Disk.status("\(root)/\(path)") else { continue }
      let mode = String(status.mode, radix: 8)
      switch status.kind {
      case .link: lines.append("\(path) -> \(Disk.link("\(root)/\(path)") ?? "?")")
      case .folder: lines.append("\(path)/ \(mode)")
      default: lines.append("\(path) \(mode) \(status.bytes) \(status.inode) \(status.changed)")
      }
    }
    for (table, rows) in try StoreRows(root, dumping: true)?.dump.sorted(by: { $0.key < $1.key }) ?? [] {
      lines += rows.map { "\(table): \($0)" }
    }
    self.lines = lines
  }

  /// What `other` has less and more, at most ten lines.
  public func differences(to other: StoreSnapshot) -> [String] {
    guard lines != other.lines else { return [] }
    let mine = Set(lines)
    let its = Set(other.lines)
    let less = lines.filter { !its.contains($0) }.map { "- \($0)" }
    let more = other.lines.filter { !mine.contains($0) }.map { "+ \($0)" }
    return Array((less + more).prefix(10))
  }
}
