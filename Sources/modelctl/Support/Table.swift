import RegistryModel

/// Rows in columns for people: numbers to the right, and the widest column gives way on a narrow terminal.
struct Table {
  enum Alignment { case left, right }

  private let header: [String]
  private let alignments: [Alignment]
  private var rows: [[String]] = []

  init(_ columns: [(String, Alignment)]) {
    header = columns.map { $0.0 }
    alignments = columns.map { $0.1 }
  }

  /// Adds a row; cells come from anywhere and are made safe to print.
  mutating func add(_ row: [String]) { rows.append(row.map(\.printable)) }

  func text(width: Int = Terminal.width) -> String {
    guard !rows.isEmpty else { return "" }
    let all = [header] + rows
    var widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    let gaps = 2 * (widths.count - 1)
    while widths.reduce(gaps, +) > width, let widest = widths.max(), widest > 8,
      let column = widths.firstIndex(of: widest)
    {
      widths[column] -= 1
    }
    return all.map { line($0, widths) }.joined(separator: "\n")
  }

  private func line(_ row: [String], _ widths: [Int]) -> String {
    var cells: [String] = []
    for (column, cell) in row.enumerated() {
      let text = cell.count > widths[column] ? cell.prefix(widths[column] - 1) + "…" : cell[...]
      let padding = String(repeating: " ", count: widths[column] - text.count)
      cells.append(alignments[column] == .right ? padding + text : text + padding)
    }
    var line = cells.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
  }
}
