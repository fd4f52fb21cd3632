import RegistryModel
import Testing

@Suite struct VersionChangesTests {
  private func file(_ path: String, _ number: UInt8) throws -> Manifest.File {
    Manifest.File(path: try RelativePath(parsing: path), digest: try digest(number), bytes: Int64(number))
  }

  private func manifest(
    _ number: Int, files: [Manifest.File], metrics: [String: Double] = [:], note: String? = nil
  ) throws -> Manifest {
    try Manifest(
      adapter: try AdapterName(parsing: "robot_001"), number: number, createdAt: Timestamp(milliseconds: 0),
      modelType: "lora", framework: "jax", files: files, metrics: metrics, note: note)
  }

  @Test func `files are added, removed and changed by path`() throws {
    let before = [try file("a", 1), try file("b", 2), try file("c", 3)]
    let after = [try file("b", 2), try file("c", 4), try file("d", 1)]
    let changes = FileChanges(from: before, to: after)
    #expect(changes.added.map(\.path.text) == ["d"] && changes.removed.map(\.path.text) == ["a"])
    #expect(changes.changed == [FileChanges.Pair(from: before[2], to: after[1])])
    let none = FileChanges(from: before, to: before)
    #expect(none.added == [] && none.removed == [] && none.changed == [])
  }

  @Test func `every field but the files is compared`() throws {
    let before = try manifest(1, files: [file("a", 1)], metrics: ["loss": 0.5])
    let after = try manifest(2, files: [file("a", 2)], metrics: ["loss": 0.25], note: "night run")
    #expect(
      FieldChange.between(before, after) == [
        FieldChange(name: "metrics", from: ["loss": 0.5], to: ["loss": 0.25]),
        FieldChange(name: "note", from: nil, to: "night run"), FieldChange(name: "number", from: 1, to: 2),
      ])
    #expect(FieldChange.between(after, after) == [])
  }

  @Test func `spellings that only bytes tell apart are different`() throws {
    let before = try manifest(1, files: [file("a", 1)], note: "\u{e9}")
    let after = try manifest(1, files: [file("a", 1)], note: "e\u{301}")
    #expect(FieldChange.between(before, after).map(\.name) == ["note"])
  }

  @Test func `tensors pair up by name`() {
    let a = Tensor(name: "a", dtype: "F32", shape: [2], range: 0..<8)
    let b = Tensor(name: "b", dtype: "F32", shape: [2], range: 8..<16)
    let moved = Tensor(name: "b", dtype: "F32", shape: [2], range: 0..<8)
    let c = Tensor(name: "c", dtype: "F32", shape: [1], range: 8..<12)
    let pairs = TensorPairs(from: [a, b], to: [moved, c])
    #expect(pairs.added == [c] && pairs.removed == [a])
    #expect(pairs.common.map(\.to) == [moved] && pairs.common.allSatisfy(\.isAlike))
    let turned = Tensor(name: "b", dtype: "F32", shape: [2], range: 0..<8, isColumnMajor: true)
    #expect(!TensorPairs.Pair(from: b, to: turned).isAlike)
    #expect(!TensorPairs.Pair(from: b, to: c).isAlike)
  }
}
