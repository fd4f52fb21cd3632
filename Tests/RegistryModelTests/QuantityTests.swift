import RegistryModel
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"),
    (951_782_400_000, "2000-02-29T00:00:00.000Z"),
    (1_767_608_100_000, "2026-01-05T10:15:00.000Z"), (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
    (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
  ])
  func `milliseconds and text say the same`(milliseconds: Int64, text: String) throws {
    #expect(Timestamp(milliseconds: milliseconds).description == text)
    #expect(try Timestamp(parsing: text).milliseconds == milliseconds)
  }

  @Test func `every day from 1970 to 2400 and the last of 9999 are written and read back`() throws {
    for day in Array(0..<157_054) + [2_932_896] {
      let timestamp = Timestamp(milliseconds: Int64(day) * 86_400_000)
      guard try Timestamp(parsing: timestamp.description) == timestamp else {
        Issue.record("\(timestamp)")
        return
      }
    }
  }

  @Test(arguments: [
    ("2026-01-05T10:15:00Z", 0), ("2026-01-05T10:15:00.5Z", 500), ("2026-01-05T10:15:00.05Z", 50),
    ("2026-01-05T10:15:00.123999999Z", 123),
  ])
  func `finer fractions are cut off`(text: String, thousandths: Int64) throws {
    #expect(try Timestamp(parsing: text).milliseconds == 1_767_608_100_000 + thousandths)
  }

  @Test(arguments: [
    "", "2026-01-05", "2026-01-05T10:15:00", "2026-01-05T10:15:00+00:00", "2026-01-05t10:15:00Z",
    "2026-01-05T10:15:00z", "2026-01-05 10:15:00Z", "2026-01-05T10:15:00.Z",
    "2026-01-05T10:15:00.1234567890Z",
    "2026-01-05T10:15:00,5Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
    "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
    "2026-01-05T24:00:00Z", "2026-01-05T10:60:00Z", "2016-12-31T23:59:60Z", "1969-12-31T23:59:59Z",
    "10000-01-01T00:00:00Z", "2026-1-05T10:15:00Z", "+026-01-05T10:15:00Z", "2026-01-05T10:15:00.-1Z",
    "2026-01-05T10:15:00.12Z3Z", " 2026-01-05T10:15:00Z", "2026-01-05T10:15:0\u{661}Z",
  ])
  func `impossible and sloppy times are refused`(text: String) {
    #expect(refusal { () throws(RegistryError) in try Timestamp(parsing: text) }?.code == .usage)
  }

  @Test func `a clock beyond the years of the format is held at its edge`() {
    #expect(Timestamp(milliseconds: -1).milliseconds == 0)
    #expect(Timestamp(milliseconds: .max).description == "9999-12-31T23:59:59.999Z")
    #expect(Timestamp(milliseconds: 1) < Timestamp(milliseconds: 2))
  }
}

@Suite struct ByteCountTests {
  @Test(arguments: [
    ("0", 0), ("4096", 4096), ("4096B", 4096), ("100MB", 100_000_000), ("512MiB", 512 << 20),
    ("1.5GiB", 3 << 29), ("1.5 GiB", 3 << 29), ("0.3KiB", 307), ("2kB", 2000), ("2KB", 2000),
    ("1TiB", 1 << 40),
    ("9007199254740991", 9_007_199_254_740_991),
  ])
  func `sizes are read exactly`(text: String, bytes: Int64) throws {
    #expect(try ByteCount(parsing: text).bytes == bytes)
  }

  @Test(arguments: [
    "", "-1", "+1", "1.5", "1.5B", ".5MiB", "1.MiB", "1..5MiB", "1,5MiB", "MiB", "512mib", "512 ", "512  MiB",
    "1e3", "0x10", "9007199254740992", "8192TiB", "99999999999999999999", "1M", "٤MiB",
  ])
  func `other sizes are refused`(text: String) {
    #expect(refusal { () throws(RegistryError) in try ByteCount(parsing: text) }?.code == .usage)
  }

  @Test(arguments: [
    (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (1_048_524, "1023.9 KiB"),
    (1_048_525, "1.0 MiB"), (3 << 29, "1.5 GiB"), (9_007_199_254_740_991, "8.0 PiB"), (.max, "8.0 EiB"),
    (-5, "0 B"),
  ])
  func `sizes are shown with one decimal`(bytes: Int64, text: String) {
    #expect(ByteCount(bytes: bytes).description == text)
  }
}

@Suite struct DurationTextTests {
  @Test(arguments: [
    ("90s", 90_000), ("10m", 600_000), ("2h", 7_200_000), ("7d", 604_800_000), ("500ms", 500),
    ("1.5h", 5_400_000),
    ("0s", 0), ("0.25s", 250), ("36500d", 3_153_600_000_000),
  ])
  func `durations are read as milliseconds`(text: String, milliseconds: Int64) throws {
    let duration = try DurationText(parsing: text)
    #expect(duration.milliseconds == milliseconds)
    #expect(duration.duration == .milliseconds(milliseconds))
    #expect(try DurationText(parsing: duration.description) == duration)
  }

  @Test(arguments: ["", "90", "-1s", "s", "1m30s", "1S", "1 week", "36501d", "1us", "1min"])
  func `other durations are refused`(text: String) {
    #expect(refusal { () throws(RegistryError) in try DurationText(parsing: text) }?.code == .usage)
  }

  @Test(arguments: [(90_000, "90s"), (600_000, "10m"), (86_400_000, "1d"), (1_500, "1500ms"), (0, "0s")])
  func `durations are shown in the largest whole unit`(milliseconds: Int64, text: String) {
    #expect(DurationText(milliseconds: milliseconds).description == text)
  }
}
