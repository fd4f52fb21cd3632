import RegistryModel

/// A curve of so many points at most, spread evenly over its steps; the first and the last are always among them.
struct ThinnedCurve: Hashable, Sendable {
  static let limit = 512

  /// By step.
  private(set) var points: [TrainerProgress] = []

  /// Takes a point; where it lies behind others, the job began again or somebody else took it over, and those go.
  ///
  /// Where there are too many the inner point goes whose neighbours are nearest to one another, so that old parts are
  /// as fine as new ones.
  mutating func add(_ point: TrainerProgress) {
    while let last = points.last, last.step >= point.step { points.removeLast() }
    points.append(point)
    guard points.count > Self.limit else { return }
    let gaps = zip(points, points.dropFirst(2)).map { $1.step - $0.step }
    guard let narrowest = gaps.indices.min(by: { gaps[$0] < gaps[$1] }) else { return }
    points.remove(at: narrowest + 1)
  }
}
