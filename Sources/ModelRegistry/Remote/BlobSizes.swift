import RegistryModel

/// The sizes that manifests of others say: one for each blob, and a sum that can't overflow.
struct BlobSizes {
  private(set) var all: [Digest: Int64] = [:]

  /// - Throws: `integrity` where the blob was given another size before.
  mutating func add(_ digest: Digest, _ bytes: Int64) throws(RegistryError) {
    guard all.updateValue(bytes, forKey: digest) ?? bytes == bytes else {
      throw RegistryError(
        .integrity, "blob \(digest.short) would have two sizes",
        hint: "a manifest is wrong: publish the version again where it was made")
    }
  }

  /// The largest number there is where the sum is larger: no disk has so much room.
  static func sum(_ sizes: [Int64]) -> Int64 {
    sizes.reduce(0) { sum, bytes in
      let (next, isTooMuch) = sum.addingReportingOverflow(max(0, bytes))
      return isTooMuch ? .max : next
    }
  }
}

extension Manifest {
  /// Documents that travel with the version, beside its files.
  var attached: [Digest] {
    archives.compactMap(\.manifest) + [origin?.manifest].compactMap(\.self)
  }
}
