package import ModelRegistry
package import RegistryModel

/// The JSON of what is in files of weights, and of how versions differ.
extension Document {
  package static func format(_ file: FileInsight) -> JSONValue {
    [
      "path": .string(file.path.text), "format": .string(file.format.rawValue),
      "runs_code": .bool(file.runsCode), "problem": .orNull(file.problem),
    ]
  }

  package static func tensor(_ tensor: Tensor, of path: RelativePath) -> JSONValue {
    .object(
      kind(tensor).merging(["file": .string(path.text), "name": .string(tensor.name)]) { mine, _ in mine })
  }

  private static func kind(_ tensor: Tensor) -> [String: JSONValue] {
    [
      "dtype": .string(tensor.dtype), "shape": .array(tensor.shape.map { .integer($0) }),
      "bytes": .integer(tensor.bytes),
    ]
  }

  package static func diff(_ diff: VersionDiff) -> JSONValue {
    [
      "from": .string(diff.from.description), "to": .string(diff.to.description),
      "files": [
        "added": .array(diff.addedFiles.map(file)), "removed": .array(diff.removedFiles.map(file)),
        "changed": .array(diff.changedFiles.map(changed)),
      ],
      "metadata": .object(
        Dictionary(diff.fields.map { ($0.name, ["from": $0.from, "to": $0.to]) }) { first, _ in first }),
      "tensors": [
        "added": .array(diff.tensors.added.map { tensor($0.tensor, of: $0.path) }),
        "removed": .array(diff.tensors.removed.map { tensor($0.tensor, of: $0.path) }),
        "changed": .array(diff.tensors.changed.map(changed)), "unchanged": .integer(diff.tensors.unchanged),
      ],
    ]
  }

  private static func changed(_ file: VersionDiff.ChangedFile) -> JSONValue {
    func side(_ file: Manifest.File) -> JSONValue {
      ["bytes": .integer(file.bytes), "digest": .string(file.digest.description)]
    }
    return [
      "path": .string(file.path.text), "from": side(file.from), "to": side(file.to),
      "problem": .orNull(file.problem),
    ]
  }

  private static func changed(_ tensor: TensorChange) -> JSONValue {
    let largest = tensor.largestDifference.flatMap { $0.isFinite ? $0 : nil }
    return [
      "file": .string(tensor.path.text), "name": .string(tensor.name), "from": .object(kind(tensor.from)),
      "to": .object(kind(tensor.to)), "max_difference": largest.map(JSONValue.number) ?? .null,
    ]
  }
}
