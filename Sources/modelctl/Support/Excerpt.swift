import RegistryModel

/// Tables of tensors and differences, of which a screen shows the beginning.
enum Excerpt {
  static let rows = 20

  /// The columns, the first rows, and how many there are besides; nothing where there are none.
  static func text(_ columns: [(String, Table.Alignment)], _ rows: [[String]]) -> String? {
    guard !rows.isEmpty else { return nil }
    var table = Table(columns)
    for row in rows.prefix(Self.rows) { table.add(row) }
    let more = rows.count - Self.rows
    return table.text() + (more > 0 ? "\n… \(more) more, --json has all" : "")
  }

  /// `F32 [4, 8]`.
  static func kind(_ tensor: Tensor) -> String { "\(tensor.dtype) \(tensor.shape)" }
}
