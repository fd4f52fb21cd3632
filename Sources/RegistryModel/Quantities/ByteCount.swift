/// A number of bytes as people write it: `512MiB`, `1.5GiB`, `100MB`, `4096`.
public struct ByteCount: Hashable, Sendable {
  /// The most bytes: 2^53 - 1, which JSON carries exactly.
  public static let maximum: Int64 = 9_007_199_254_740_991

  /// How many bytes, 0 or more.
  public let bytes: Int64

  /// Takes a number of bytes; a negative one becomes 0.
  public init(bytes: Int64) {
    self.bytes = max(0, bytes)
  }

  /// Reads a size: plain bytes, or a decimal number with a unit (`B`, `kB`, `MB`, `GB`, `TB` by thousands;
  /// `KiB`, `MiB`, `GiB`, `TiB` by 1024). A fraction of a byte is dropped.
  ///
  /// - Throws: `usage` for every other text, and above ``maximum``.
  public init(parsing text: String) throws(RegistryError) {
    guard let quantity = Quantity(parsing: text), let unitSize = Self.units[quantity.unit],
      unitSize > 1 || quantity.isWhole, let bytes = quantity.times(unitSize, atMost: Self.maximum)
    else {
      throw RegistryError(
        .usage, "\(text.quoted) is not a size", hint: "write it like 512MiB, 1.5GiB, 100MB or 4096")
    }
    self.bytes = bytes
  }

  private static let units: [String: Int64] = [
    "": 1, "B": 1, "kB": 1000, "KB": 1000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
    "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
  ]
}

extension ByteCount: Comparable {
  public static func < (lhs: ByteCount, rhs: ByteCount) -> Bool { lhs.bytes < rhs.bytes }
}

extension ByteCount: CustomStringConvertible {
  /// The size for people, in units of 1024: exact below 1 KiB (`512 B`), else rounded to one decimal (`1.5 GiB`).
  public var description: String {
    guard bytes >= 1024 else { return "\(bytes) B" }
    let names = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    var unit = 0
    // Tenths of the unit, rounded half up. The next unit takes over where this one would show 1024.0.
    func tenths(_ unit: Int) -> Int128 {
      let size = Int128(1) << (10 * (unit + 1))
      return (Int128(bytes) * 10 + size / 2) / size
    }
    while tenths(unit) >= 10_240, unit + 1 < names.count { unit += 1 }
    return "\(tenths(unit) / 10).\(tenths(unit) % 10) \(names[unit])"
  }
}
