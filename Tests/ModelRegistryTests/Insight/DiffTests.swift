import Foundation
import ModelRegistry
import TestSupport
import Testing

@Suite struct DiffTests {
  private func diff(
    _ before: [String: [UInt8]], _ after: [String: [UInt8]], change: (inout PublishRequest) -> Void = { _ in }
  ) throws -> VersionDiff {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    for (folder, files) in [("before", before), ("after", after)] {
      for (name, bytes) in files { try fixture.scratch.write("\(folder)/\(name)", bytes) }
      var request = PublishRequest(adapter: "robot_001", paths: [fixture.scratch(folder)])
      if folder == "after" { change(&request) }
      try registry.publish(request)
      fixture.time.advance(seconds: 1)
    }
    return try registry.diff("robot_001_v1", "robot_001_v2")
  }

  private static func arrays(_ last: Float, dtype: String) -> [Weights.Array] {
    [Weights.Array("a", [1, 2, 3], dtype: dtype), Weights.Array("b", [4, last], dtype: dtype)]
  }

  @Test func `files and fields that differ are told`() throws {
    let diff = try diff(
      ["a.txt": [1], "b.txt": [2], "same.json": [3]], ["b.txt": [4, 5], "c.txt": [6], "same.json": [3]]
    ) { request in
      request.note = "night run"
      request.metrics = ["loss": 0.25]
    }
    #expect("\(diff.from)" == "robot_001_v1" && "\(diff.to)" == "robot_001_v2")
    #expect(diff.addedFiles.map(\.path.text) == ["c.txt"] && diff.removedFiles.map(\.path.text) == ["a.txt"])
    #expect(diff.changedFiles.map(\.path.text) == ["b.txt"] && diff.changedFiles[0].problem == nil)
    #expect(diff.changedFiles.map { [$0.from.bytes, $0.to.bytes] } == [[1, 2]])
    #expect(diff.fields.map(\.name) == ["created_at", "metrics", "note", "number"])
    #expect(diff.fields[2].from == nil && diff.fields[2].to == "night run")
    #expect(diff.tensors.isEmpty)
  }

  @Test(arguments: ["safetensors", "npz"]) func `tensors are compared by name, number by number`(
    format: String
  ) throws {
    let dtype = format == "npz" ? "<f4" : "F32"
    let make = { (arrays: [Weights.Array]) in
      format == "npz" ? Weights.npz(arrays) : Weights.safetensors(arrays)
    }
    let old = Weights.Array("old", [1], dtype: dtype)
    let new = Weights.Array("new", [1], dtype: dtype)
    // The other order: npz has to be read again from the beginning.
    let diff = try diff(
      ["w.\(format)": make(Self.arrays(5, dtype: dtype) + [old])],
      ["w.\(format)": make([new] + Self.arrays(7.5, dtype: dtype).reversed())])
    #expect(diff.changedFiles.map(\.problem) == [nil])
    #expect(
      diff.tensors.added.map(\.tensor.name) == ["new"] && diff.tensors.removed.map(\.tensor.name) == ["old"])
    #expect(diff.tensors.changed.map(\.name) == ["b"] && diff.tensors.changed[0].largestDifference == 2.5)
    #expect(diff.tensors.unchanged == 1)
  }

  @Test func `an npy file's array is compared`() throws {
    let (before, after) = (
      Weights.Array("", [1, 2], dtype: "<f4"), Weights.Array("", [1, .nan], dtype: "<f4")
    )
    let diff = try diff(["w.npy": Weights.npy(before)], ["w.npy": Weights.npy(after)])
    #expect(
      diff.tensors.changed.map(\.name) == ["w"] && diff.tensors.changed[0].largestDifference == .infinity)
  }

  @Test func `another dtype, shape or order is a change without a difference`() throws {
    func changes(_ before: [UInt8], _ after: [UInt8], _ name: String) throws -> [Double?] {
      try diff([name: before], [name: after]).tensors.changed.map(\.largestDifference)
    }
    let zeros = [UInt8](repeating: 0, count: 8)
    func safetensors(_ dtype: String, _ shape: [Int]) -> [UInt8] {
      Weights.safetensors([Weights.Array("a", dtype, shape, zeros)])
    }
    #expect(try changes(safetensors("F32", [2]), safetensors("F16", [4]), "w.safetensors") == [nil])
    #expect(try changes(safetensors("F32", [2]), safetensors("F32", [2, 1]), "w.safetensors") == [nil])
    #expect(try changes(safetensors("F32", [2]), safetensors("I32", [2]), "w.safetensors") == [nil])
    let array = Weights.Array("", "<f4", [2, 1], zeros)
    #expect(try changes(Weights.npy(array), Weights.npy(array, isColumnMajor: true), "w.npy") == [nil])
    let integers = { (value: Int64) in
      Weights.safetensors([Weights.Array("a", "I32", [2], Weights.little(value))])
    }
    #expect(try changes(integers(1), integers(2), "w.safetensors") == [nil])
  }

  @Test func `tensors larger than a buffer are compared to their end`() throws {
    let before = [Float](repeating: 1, count: 600_000)
    var after = before
    after[10] = 1.5
    after[599_999] = 3
    for dtype in ["F32", "<f4"] {
      let name = dtype == "F32" ? "w.safetensors" : "w.npz"
      let make = { (numbers: [Float]) in
        let array = Weights.Array("a", numbers, dtype: dtype)
        return dtype == "F32" ? Weights.safetensors([array]) : Weights.npz([array])
      }
      let diff = try diff([name: make(before)], [name: make(after)])
      #expect(diff.tensors.changed.map(\.largestDifference) == [2])
    }
  }

  @Test func `files of one version bring or take their tensors, and the same files are not read`() throws {
    let one = Weights.safetensors(Self.arrays(1, dtype: "F32"))
    let diff = try diff(
      ["old.safetensors": one, "same.safetensors": one],
      ["new.npz": Weights.npz(Self.arrays(2, dtype: "<f4")), "same.safetensors": one])
    #expect(diff.tensors.added.map(\.path.text) == ["new.npz", "new.npz"])
    #expect(diff.tensors.removed.map(\.tensor.name) == ["a", "b"] && diff.tensors.unchanged == 0)
  }

  @Test func `what can't be read is said, and nothing is guessed`() throws {
    let good = Weights.safetensors(Self.arrays(1, dtype: "F32"))
    let diff = try diff(
      ["a.safetensors": good, "b.npz": [1]], ["a.safetensors": good + [0], "b.npz": Weights.npz([])])
    #expect(
      diff.changedFiles.map { $0.problem?.prefix(25) } == [
        "the second version's file", "the first version's file:",
      ])
    #expect(diff.tensors.isEmpty)
  }

  @Test func `a zip that is damaged within an array is a problem and leaves no half comparison`() throws {
    let before = Weights.npz(Self.arrays(1, dtype: "<f4"))
    var after = Weights.npz([Weights.Array("new", [9], dtype: "<f4")] + Self.arrays(1, dtype: "<f4"))
    // One bit of the elements of `a`, which its checksum tells.
    let numbers = Weights.little(Float(2).bitPattern) + Weights.little(Float(3).bitPattern)
    let index = try #require(after.indices.first { after[$0...].starts(with: numbers) })
    after[index] ^= 1
    let diff = try diff(["w.npz": before], ["w.npz": after])
    #expect(
      diff.changedFiles[0].problem?.contains("CRC") == true, "\(diff.changedFiles[0].problem ?? "none")")
    #expect(diff.tensors.isEmpty)
  }
}
