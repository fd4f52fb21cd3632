import RegistryModel
import Testing

@Suite struct ReferenceTests {
  @Test(arguments: [
    ("robot_001_v4", "robot_001_v4"), ("robot_001:v4", "robot_001_v4"), ("robot_001:4", "robot_001_v4"),
    ("adapters/robot_001_v4", "robot_001_v4"), ("models:/robot_001/4", "robot_001_v4"),
    ("models:4", "models_v4"),
    ("robot_001@stable", "robot_001@stable"), ("models:/robot_001@stable", "robot_001@stable"),
    ("robot_001@active", "robot_001@active"), ("robot_001@latest", "robot_001@latest"),
    ("robot_001@previous", "robot_001@previous"), ("models:/robot_001@latest", "robot_001@latest"),
    ("sha256:0123456789ab", "sha256:0123456789ab"),
    ("robot_001@sha256:0123456789ab", "robot_001@sha256:0123456789ab"),
    ("seed/v1.0.0", "seed/v1.0.0"), ("seed/1.0.0", "seed/1.0.0"), ("models/2.1-rc.1", "models/2.1-rc.1"),
  ])
  func `every form is read and written in its shortest spelling`(text: String, shortest: String) throws {
    let reference = try Reference(parsing: text)
    #expect(reference.description == shortest)
    #expect(try Reference(parsing: shortest) == reference)
  }

  @Test func `forms become what they mean`() throws {
    let robot = try AdapterName(parsing: "robot_001")
    let prefix = try DigestPrefix(hex: "0123456789ab")
    #expect(try Reference(parsing: "robot_001:4") == .version(VersionID(adapter: robot, number: 4)))
    #expect(try Reference(parsing: "robot_001@stable") == .channel(robot, ChannelName(parsing: "stable")))
    #expect(try Reference(parsing: "robot_001@previous") == .alias(robot, .previous))
    #expect(try Reference(parsing: "sha256:0123456789ab") == .digest(prefix, adapter: nil))
    #expect(try Reference(parsing: "robot_001@sha256:0123456789ab") == .digest(prefix, adapter: robot))
    #expect(try Reference(parsing: "sha256:0123456789ab").adapter == nil)
    #expect(try Reference(parsing: "robot_001@stable").adapter == robot)
  }

  @Test func `a bare adapter is refused`() {
    let error = refusal { () throws(RegistryError) in try Reference(parsing: "robot_001") }
    #expect(error?.code == .usage)
    for form in ["robot_001_v1", "robot_001@active", "robot_001@latest"] {
      #expect(error?.hint.contains(form) == true)
    }
  }

  @Test(arguments: [
    "", "@", ":", "robot_001@", "@stable", "robot_001:", "robot_001:0", "robot_001:04", "robot_001:v04",
    "robot_001:vv4", "robot_001_v04", "robot_001_v0", "robot_001:1000000000", "robot_001@fallback",
    "robot_001@4",
    "robot_001@v4", "robot_001@sha256", "robot_001@sha256:0123", "sha256:0123456789a", "sha256:0123456789AB",
    "sha256:4", "adapters/robot_001", "adapters/robot_001@stable", "adapters/../x_v1", "models:/robot_001",
    "models:/robot_001/v4", "models:/robot_001/04", "models:/robot_001/4/5", "models://robot_001/4",
    "robot_001@stable@beta", "robot_001_v4@stable", "Robot_001@stable", "robot_001@\u{301}stable", "a b_v1",
    "robot_001@Active", "seed/v1", "seed/1", "seed/", "/v1.0.0", "seed/a/b", "seed/../x", "Seed/v1.0.0",
  ])
  func `everything else is refused as usage`(text: String) {
    #expect(refusal { () throws(RegistryError) in try Reference(parsing: text) }?.code == .usage)
  }
}
