import RegistryModel
import Testing

@Suite struct FloatFormatTests {
  private func difference<T: BitwiseCopyable>(_ format: FloatFormat, _ a: [T], _ b: [T]) -> Double {
    a.withUnsafeBytes { a in b.withUnsafeBytes { b in format.largestDifference(a, b) } }
  }

  @Test func `each stored form is read`() {
    #expect(difference(.single, [1, -2, 3] as [Float], [1, 2, 3.5]) == 4)
    #expect(difference(.double, [1e300, 0] as [Double], [1e300, 0.125]) == 0.125)
    #expect(difference(.half, [1, 2] as [Float16], [1, 2.5]) == 0.5)
    #expect(difference(.brain, [0x3f80, 0x4000] as [UInt16], [0x3f80, 0x40a0]) == 3)
    #expect(difference(.single, [] as [Float], []) == 0)
  }

  @Test func `what is no number, or infinite, differs infinitely from what is not the same`() {
    #expect(difference(.single, [.nan, .infinity] as [Float], [.nan, .infinity]) == 0)
    #expect(difference(.single, [.nan] as [Float], [-.nan]) == 0)
    #expect(difference(.single, [.nan, 1] as [Float], [1, 1]) == .infinity)
    #expect(difference(.double, [.infinity] as [Double], [-.infinity]) == .infinity)
    #expect(difference(.single, [0.0] as [Float], [-0.0]) == 0)
  }

  @Test(
    arguments: [
      ("F16", .half), ("BF16", .brain), ("F32", .single), ("F64", .double), ("<f2", .half), ("<f4", .single),
      ("<f8", .double), (">f4", nil), ("I32", nil), ("F8_E4M3", nil), ("", nil),
    ] as [(String, FloatFormat?)]) func `dtypes name it`(dtype: String, format: FloatFormat?)
  {
    #expect(FloatFormat(dtype: dtype) == format)
  }
}
