/// Finds the known name that somebody most likely meant.
package enum Spelling {
  /// The nearest of some known names, nil when none is close enough to be worth suggesting.
  ///
  /// Close means that at most a third of the bytes differ (Levenshtein distance), and at least one may.
  package static func nearest(to name: String, among known: some Sequence<String>) -> String? {
    let wanted = Array(name.utf8.prefix(64))
    var best: (name: String, distance: Int)?
    for candidate in known {
      let distance = distance(wanted, Array(candidate.utf8))
      guard distance <= max(1, candidate.utf8.count / 3) else { continue }
      if let best, best.distance <= distance { continue }
      best = (candidate, distance)
    }
    return best?.name
  }

  /// How many insertions, deletions and replacements lead from one sequence to the other.
  private static func distance(_ from: [UInt8], _ target: [UInt8]) -> Int {
    var row = Array(0...target.count)
    for (index, byte) in from.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in target.indices {
        let replaced = diagonal + (byte == target[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
      }
    }
    return row[target.count]
  }
}
