import RegistryModel
import Testing

@Suite struct GenerationSetTests {
  private func member(_ name: String, _ byte: UInt8) throws -> GenerationSet.Member {
    GenerationSet.Member(version: try VersionID(parsing: name), digest: try digest(byte))
  }

  @Test func `sets are equal when the same adapters carry the same digests`() throws {
    let a = GenerationSet([try member("arm_v1", 1), try member("leg_v1", 2)])
    #expect(a == GenerationSet([try member("leg_v1", 2), try member("arm_v1", 1)]))
    // The digest is a version's identity, its name is for people.
    #expect(a == GenerationSet([try member("arm_v9", 1), try member("leg_v1", 2)]))
    #expect(a.hashValue == GenerationSet([try member("arm_v9", 1), try member("leg_v1", 2)]).hashValue)
    #expect(a != GenerationSet([try member("arm_v1", 2), try member("leg_v1", 1)]))
    #expect(a != GenerationSet([try member("arm_v1", 1)]))
    #expect(a != GenerationSet([try member("arm_v1", 1), try member("leg_v1", 3)]))
  }

  @Test func `an empty set is a set like any other`() throws {
    #expect(GenerationSet() == GenerationSet([]))
    #expect(GenerationSet().isEmpty && GenerationSet().digests.isEmpty && GenerationSet().sorted.isEmpty)
    #expect(GenerationSet() != GenerationSet([try member("arm_v1", 1)]))
  }

  @Test func `one adapter has one version, the last one given`() throws {
    let set = GenerationSet([try member("arm_v1", 1), try member("arm_v2", 2)])
    #expect(set.sorted.map(\.version.number) == [2])
  }

  @Test func `replacing changes only the adapters that are named`() throws {
    let set = GenerationSet([try member("arm_v1", 1), try member("leg_v1", 2)])
    let changed = set.replacing(with: [try member("leg_v2", 3), try member("eye_v1", 4)])
    #expect(changed.sorted.map(\.version.description) == ["arm_v1", "eye_v1", "leg_v2"])
    #expect(changed[try AdapterName(parsing: "leg")]?.version.number == 2)
    #expect(set.sorted.map(\.version.description) == ["arm_v1", "leg_v1"])
  }

  @Test func `removing takes one adapter away, to the empty set at last`() throws {
    let leg = try AdapterName(parsing: "leg")
    let set = GenerationSet([try member("arm_v1", 1), try member("leg_v1", 2)]).removing(leg)
    #expect(set == GenerationSet([try member("arm_v1", 1)]))
    #expect(set.removing(leg) == set)
    #expect(set.removing(try AdapterName(parsing: "arm")).isEmpty)
  }

  @Test func `a fault condemns only what the set brought`() throws {
    let before = GenerationSet([try member("arm_v1", 1), try member("leg_v1", 2)])
    let after = before.replacing(with: [try member("leg_v2", 9), try member("eye_v1", 4)])
    #expect(try after.digests(notIn: before) == [digest(4), digest(9)])
    #expect(before.digests(notIn: before).isEmpty)
    // The same bytes under another adapter are the same bytes.
    let moved = GenerationSet([try member("arm_v1", 2), try member("leg_v1", 1)])
    #expect(moved.digests(notIn: before).isEmpty)
    #expect(GenerationSet().digests(notIn: before).isEmpty)
  }
}
