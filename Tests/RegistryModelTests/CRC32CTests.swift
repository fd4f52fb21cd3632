import CChecksum
import RegistryModel
import Testing

@Suite struct CRC32CTests {
  // RFC 3720, appendix B.4, and the customary check value.
  static let known: [(bytes: [UInt8], value: UInt32)] = [
    (Array(repeating: 0, count: 32), 0x8A91_36AA), (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
    (Array(0..<32), 0x46DD_794E), (Array((0..<32).reversed()), 0x113F_DB5C),
    (Array("123456789".utf8), 0xE306_9283),
    ([], 0),
  ]

  @Test(arguments: known) func `known values come out`(_ bytes: [UInt8], _ value: UInt32) {
    #expect(CRC32C.of(bytes) == value)
    #expect(bytes.withUnsafeBytes { cchecksum_crc32c_by_table(0, $0.baseAddress, $0.count) } == value)
  }

  @Test func `pieces of any length and alignment give the same as the whole`() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
    let whole = CRC32C.of(bytes)
    for cut in [1, 3, 7, 8, 9, 64, 999] {
      var crc = CRC32C()
      var start = 0
      while start < bytes.count {
        bytes[start..<min(start + cut, bytes.count)].withUnsafeBytes { crc.update($0) }
        start += cut
      }
      #expect(crc.value == whole)
      #expect(CRC32C(resuming: CRC32C.of(Array(bytes[..<cut]))) != CRC32C())
    }
  }
}
