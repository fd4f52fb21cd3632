import RegistryModel
import Testing

@Suite struct RequirementTests {
  @Test(arguments: [
    "arch=arm64", "board!=pi4", "os>=12.4", "base=sha256:0123", "board=Raspberry Pi 5", "a.b-c_d=e=f", "x>=0",
    "flags=a>=b",
  ])
  func `requirements are written as they were read`(text: String) throws {
    #expect(try Requirement(parsing: text).description == text)
  }

  @Test(arguments: [
    "", "arch", "=arm64", "arch=", "arch==arm64", "arch!arm64", "arch>1", "arch<=1", "arch<1", "Arch=1",
    "1a=1",
    "ar ch=1", "arch= arm64", "arch=arm64 ", "arch=\u{7f}", "arch=é", "arch=a\nb", "os>=", "os>=12.x",
    "os>=1..2",
    "os>=.1", "os>=-1", "os>=18446744073709551616", "a" + String(repeating: "b", count: 63) + "=1",
    "arch=" + String(repeating: "x", count: 257),
  ])
  func `everything else is refused`(text: String) {
    #expect(refusal { () throws(RegistryError) in try Requirement(parsing: text) }?.code == .usage)
  }

  @Test(arguments: [
    ("arch=arm64", ["aarch64"], true), ("arch=aarch64", ["arm64"], true), ("arch=amd64", ["x86_64"], true),
    ("arch!=arm64", ["aarch64"], false), ("arch=arm64", ["x86_64"], false),
    ("other=arm64", ["aarch64"], false),
    ("base=b", ["a", "b"], true), ("base=c", ["a", "b"], false), ("base!=b", ["a", "b"], false),
    ("base!=c", ["a", "b"], true), ("os>=12.4", ["12.4"], true), ("os>=12.4", ["12.4.0"], true),
    ("os>=12.4.0", ["12.4"], true), ("os>=12.4", ["12.10"], true), ("os>=12.4", ["12.3.9"], false),
    ("os>=12.4", ["9.99"], false), ("os>=2", ["1", "3"], true), ("os>=1", ["bookworm"], false),
    ("os>=1", ["1.2-rc"], false), ("os>=0", [""], false), ("base=a", [], false), ("base!=a", [], true),
  ])
  func `facts decide`(text: String, actual: [String], holds: Bool) throws {
    let requirement = try Requirement(parsing: text)
    let verdict = requirement.verdict(facts: [requirement.key: actual])
    #expect(verdict == (holds ? .satisfied : .unsatisfied(actual: actual)))
  }

  @Test(arguments: ["gpu=yes", "gpu!=yes", "gpu>=1"]) func `an unknown fact never satisfies`(text: String)
    throws
  {
    #expect(try Requirement(parsing: text).verdict(facts: ["arch": ["arm64"]]) == .unknownFact)
  }
}
