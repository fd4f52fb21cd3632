import RegistryModel

/// How the loss of a job went, as a line in a box of 1000 by 240.
struct LossCurve: Hashable, Sendable {
  static let width = 1000.0
  static let height = 240.0
  private static let margin = 8.0

  /// The points of a polyline.
  let points: String
  /// The same, closed along the foot.
  let area: String
  let first: String
  let last: String
  let lowest: String
  let steps: String
  /// Whether equal factors have equal heights.
  let isLogarithmic: Bool
  let summary: String

  /// Nil for fewer than two points: there is no line to see.
  init?(_ progress: [TrainerProgress]) {
    let known = progress.compactMap { point in
      point.loss.flatMap { $0.isFinite ? (step: Double(point.step), loss: $0) : nil }
    }.sorted { $0.step < $1.step }
    guard known.count > 1, let start = known.first, let end = known.last, start.step < end.step else {
      return nil
    }
    let losses = known.map(\.loss)
    let (low, high) = (losses.min() ?? 0, losses.max() ?? 0)
    // Where it falls by more than a factor of 20 a straight scale shows only the beginning.
    let isLogarithmic = low > 0 && high / low > 20
    self.isLogarithmic = isLogarithmic
    func scale(_ loss: Double) -> Double { isLogarithmic ? Self.logarithm(loss) : loss }
    let (foot, head) = (scale(low), scale(high))
    let line = known.map { point -> String in
      let x = (point.step - start.step) / (end.step - start.step) * Self.width
      let part = head > foot ? (scale(point.loss) - foot) / (head - foot) : 0.5
      let y = Self.height - Self.margin - part * (Self.height - 2 * Self.margin)
      return "\(Self.rounded(x)),\(Self.rounded(y))"
    }
    points = line.joined(separator: " ")
    area = "0,\(Int(Self.height)) \(points) \(Int(Self.width)),\(Int(Self.height))"
    first = Shown.number(start.loss)
    last = Shown.number(end.loss)
    lowest = Shown.number(low)
    steps = "steps \(Shown.grouped(Int64(start.step))) to \(Shown.grouped(Int64(end.step)))"
    summary = "The loss went from \(first) to \(last), lowest \(lowest), over \(steps)."
  }

  /// Base 2, from the exponent and the significand: a few digits are enough to draw.
  private static func logarithm(_ value: Double) -> Double {
    var fraction = value.significand
    var result = Double(value.exponent)
    var half = 0.5
    for _ in 0..<12 {
      fraction *= fraction
      if fraction >= 2 {
        fraction /= 2
        result += half
      }
      half /= 2
    }
    return result
  }

  private static func rounded(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
