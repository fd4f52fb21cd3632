import RegistryModel
import Testing

@testable import RegistryService

private typealias Example = PageExamples

@Suite struct `A loss curve` {
  private func curve(_ losses: [Double?]) -> LossCurve? {
    LossCurve(
      losses.enumerated().map { TrainerProgress(step: Int64($0.offset), totalSteps: nil, loss: $0.element) })
  }

  @Test func `is a line from the first point to the last`() throws {
    let line = try #require(curve([4, nil, 2, 3]))
    #expect(line.points == "0.0,8.0 666.7,232.0 1000.0,120.0")
    #expect(line.first == "4" && line.last == "3" && line.lowest == "2")
    #expect(!line.isLogarithmic)
  }

  @Test func `shows equal factors alike where it falls far`() throws {
    let line = try #require(curve([100, 10, 1]))
    #expect(line.isLogarithmic)
    #expect(line.points == "0.0,8.0 500.0,120.0 1000.0,232.0")
  }

  @Test func `needs two points that are numbers`() {
    #expect(curve([]) == nil && curve([1]) == nil && curve([nil, nil]) == nil)
    #expect(curve([.nan, .infinity, 1]) == nil)
    #expect(curve([1, 1])?.points == "0.0,120.0 1000.0,120.0")
  }

  @Test func `of a job elsewhere is what was seen of it`() {
    let samples = LossSamples()
    for step in [1, 2, 3, 2, 2] as [Int64] {
      samples.note(
        Example.job("running", ["progress": ["step": .integer(step), "total_steps": 10, "loss": 0.5]]))
    }
    #expect(samples.points(of: "job_9f2c44b1d0e7").map(\.step) == [1, 2])
    for step in 10..<3_000 as Range<Int64> {
      samples.note(
        Example.job("running", ["progress": ["step": .integer(step), "total_steps": nil, "loss": 0.5]]))
    }
    let points = samples.points(of: "job_9f2c44b1d0e7")
    #expect(points.count <= 512 && points.last?.step == 2_999 && points.first?.step == 1)
  }

  @Test func `with many points is as fine at its beginning as at its end`() {
    var curve = ThinnedCurve()
    for step in 1...3_000 as ClosedRange<Int64> {
      curve.add(TrainerProgress(step: step, totalSteps: nil, loss: 1))
    }
    let steps = curve.points.map(\.step)
    #expect(steps.count == ThinnedCurve.limit && steps.first == 1 && steps.last == 3_000)
    let gaps = zip(steps, steps.dropFirst()).map { $1 - $0 }
    #expect((gaps.min() ?? 0) * 4 >= (gaps.max() ?? 0), "\(gaps)")
  }

  @Test func `of the job that nobody looked at for longest goes first`() {
    let samples = LossSamples()
    func look(at number: Int) {
      samples.note(Example.job("running", ["job_id": .string("job_\(number)")]))
    }
    for number in 1...64 { look(at: number) }
    look(at: 1)
    look(at: 65)
    let known = (1...65).filter { !samples.points(of: "job_\($0)").isEmpty }
    #expect(known == [1] + Array(3...65))
  }
}
