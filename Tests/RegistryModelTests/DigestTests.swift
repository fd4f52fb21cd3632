import RegistryModel
import Testing

@Suite struct DigestTests {
  private let hex = "00010203f4f5f6f7" + "08090a0b0c0d0e0f" + "1011121314151617" + "18191a1b1c1d1eff"

  @Test func `text and bytes say the same`() throws {
    let digest = try Digest(parsing: "sha256:" + hex)
    #expect(digest.bytes.prefix(8) == [0, 1, 2, 3, 0xf4, 0xf5, 0xf6, 0xf7])
    #expect(digest.bytes.last == 0xff)
    #expect(digest.hex == hex)
    #expect(digest.description == "sha256:" + hex)
    #expect(digest.short == "sha256:00010203f4f5")
    #expect(Digest(bytes: digest.bytes) == digest)
    #expect(try Digest(hex: hex) == digest)
  }

  @Test(arguments: [0, 31, 33]) func `only 32 bytes make a digest`(count: Int) {
    #expect(Digest(bytes: Array(repeating: 1, count: count)) == nil)
  }

  @Test(arguments: [
    "", "sha256:", "SHA256:" + String(repeating: "a", count: 64), String(repeating: "a", count: 64),
    "sha256:" + String(repeating: "A", count: 64), "sha256:" + String(repeating: "a", count: 63),
    "sha256:" + String(repeating: "a", count: 65), "sha256:" + String(repeating: "g", count: 64),
    " sha256:" + String(repeating: "a", count: 64), "sha256:" + String(repeating: "a", count: 64) + "\n",
    "sha256:" + String(repeating: "a", count: 63) + "\u{0301}",
  ])
  func `any other spelling is refused`(text: String) {
    #expect(refusal { () throws(RegistryError) in try Digest(parsing: text) }?.code == .usage)
  }

  @Test func `order is that of the bytes`() throws {
    let texts = ["0f", "10", "80", "ff"].map { $0 + String(repeating: "0", count: 62) }
    let digests = try texts.map { try Digest(hex: $0) }
    #expect(digests.shuffled().sorted() == digests)
    let zero = try digest(0)
    let late = try Digest(hex: String(repeating: "0", count: 63) + "1")
    #expect(late < digests[0] && late > zero)
  }
}

@Suite struct DigestPrefixTests {
  @Test func `a prefix matches what starts with it and bounds a scan`() throws {
    let prefix = try DigestPrefix(parsing: "sha256:0123456789abc")
    let inside = try Digest(hex: "0123456789abc" + String(repeating: "7", count: 51))
    let outside = try Digest(hex: "0123456789abd" + String(repeating: "0", count: 51))
    #expect(prefix.matches(inside) && !prefix.matches(outside))
    #expect(prefix.full == nil)
    #expect(prefix.description == "sha256:0123456789abc")
    let lower = try #require(Digest(bytes: prefix.lowerBound))
    let upper = try #require(Digest(bytes: prefix.upperBound))
    #expect(lower.hex == "0123456789abc" + String(repeating: "0", count: 51))
    #expect(upper.hex == "0123456789abc" + String(repeating: "f", count: 51))
    #expect(lower <= inside && inside <= upper && upper < outside)
  }

  @Test func `64 digits are the whole digest`() throws {
    let whole = try digest(0xa5)
    let prefix = try DigestPrefix(hex: whole.hex)
    #expect(prefix == DigestPrefix(whole))
    #expect(prefix.full == whole)
    #expect(prefix.lowerBound == whole.bytes && prefix.upperBound == whole.bytes)
  }

  @Test(arguments: ["", "0123456789a", "0123456789aB", "0123456789ag", String(repeating: "a", count: 65)])
  func `fewer than 12, more than 64, or other digits are refused`(hex: String) {
    #expect(refusal { () throws(RegistryError) in try DigestPrefix(hex: hex) }?.code == .usage)
  }

  @Test func `digits without sha256 are no digest`() {
    #expect(
      refusal { () throws(RegistryError) in try DigestPrefix(parsing: "0123456789ab") }?.message
        .contains("\"0123456789ab\"") == true)
  }
}
