internal import CChecksum

/// CRC-32C (Castagnoli), the checksum that Cloud Storage keeps of every object: against damage on the wire, not against
/// people.
public struct CRC32C: Hashable, Sendable {
  /// Of all bytes so far; 0 of none.
  public private(set) var value: UInt32 = 0

  public init() {}

  /// Goes on behind bytes whose checksum is known.
  public init(resuming value: UInt32) { self.value = value }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    value = cchecksum_crc32c(value, bytes.baseAddress, bytes.count)
  }

  public static func of(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBytes { cchecksum_crc32c(0, $0.baseAddress, $0.count) }
  }
}
