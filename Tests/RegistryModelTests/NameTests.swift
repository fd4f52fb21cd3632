import RegistryModel
import Testing

@Suite struct AdapterNameTests {
  @Test(arguments: [
    "a", "0", "robot_001", "arm-left", "robot_v", "v4", "robot_v4x", String(repeating: "a", count: 63),
  ])
  func `names of the alphabet are accepted`(text: String) throws {
    #expect(try AdapterName(parsing: text).text == text)
  }

  @Test(arguments: [
    "", "_a", "-a", "Robot", "a b", "a.b", "a/b", "..", "é", "a\u{301}", "a\n",
    String(repeating: "a", count: 64),
    "robot_v4", "robot_v04", "robot_v99999999999", "\u{212a}",
  ])
  func `everything else is refused`(text: String) {
    #expect(refusal { () throws(RegistryError) in try AdapterName(parsing: text) }?.code == .usage)
  }

  @Test(arguments: ["back", "forward", "trial"])
  func `names of a generation's own links are reserved`(text: String) {
    let error = refusal { () throws(RegistryError) in try AdapterName(parsing: text) }
    #expect(error?.code == .usage)
    #expect(error?.message == "\"\(text)\" is reserved and cannot name an adapter")
    #expect(error?.hint.contains("back, forward, trial") == true)
    #expect(refusal { () throws(RegistryError) in try VersionID(parsing: "\(text)_v1") }?.code == .usage)
    #expect(refusal { () throws(RegistryError) in try Reference(parsing: "\(text)@stable") }?.code == .usage)
  }

  @Test(arguments: ["active", "generation", "back_", "trial-2", "forward1"])
  func `only these names are reserved`(text: String) throws {
    #expect(try AdapterName(parsing: text).text == text)
  }

  @Test func `a refused name is quoted without its control characters`() {
    let error = refusal { () throws(RegistryError) in try AdapterName(parsing: "a\u{1b}[2J\u{202e}\"") }
    #expect(error?.message.contains(#""a\u{1b}[2J\u{202e}\"""#) == true)
  }
}

@Suite struct ChannelNameTests {
  @Test(arguments: ["stable", "beta", "2026-q1", "v", "v4x", "latest-2", "sha25"])
  func `channels share the alphabet of adapters`(text: String) throws {
    #expect(try ChannelName(parsing: text).text == text)
  }

  @Test(arguments: [
    "active", "latest", "previous", "fallback", "4", "007", "v4", "v004", "sha256", "sha256abc", "Stable", "",
    "a@b",
  ])
  func `reserved and malformed names are refused`(text: String) {
    #expect(refusal { () throws(RegistryError) in try ChannelName(parsing: text) }?.code == .usage)
  }
}

@Suite struct VersionIDTests {
  @Test func `a version is an adapter and a number`() throws {
    let version = try VersionID(parsing: "robot_001_v4")
    #expect(version.adapter.text == "robot_001")
    #expect(version.number == 4)
    #expect(version.description == "robot_001_v4")
    #expect(try VersionID(adapter: AdapterName(parsing: "robot_001"), number: 4) == version)
    #expect(try VersionID(parsing: "a_v999999999").number == 999_999_999)
  }

  @Test(arguments: [
    "", "robot", "robot_v", "robot_v0", "robot_v04", "robot_v1000000000", "robot_v-1", "robot_v+1", "robotv4",
    "_v4", "v4", "Robot_v4", "a_v1_v2", "robot_v4 ", "robot_v٤", "robot_v4\u{301}", "a/b_v4",
  ])
  func `everything else is refused`(text: String) {
    #expect(refusal { () throws(RegistryError) in try VersionID(parsing: text) }?.code == .usage)
  }

  @Test(arguments: [0, -1, 1_000_000_000]) func `a number outside one to nine digits is refused`(number: Int)
    throws
  {
    let adapter = try AdapterName(parsing: "a")
    #expect(
      refusal { () throws(RegistryError) in try VersionID(adapter: adapter, number: number) }?.code == .usage)
  }

  @Test func `numbers are compared as integers`() throws {
    let sorted = try ["a_v2", "a_v9", "a_v10", "b_v1"].map { try VersionID(parsing: $0) }
    #expect(sorted.reversed().sorted() == sorted)
  }
}
