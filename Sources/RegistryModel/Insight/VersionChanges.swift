/// How the files of two versions differ, by path.
public struct FileChanges: Hashable, Sendable {
  /// Files that only the second version has.
  public let added: [Manifest.File]
  /// Files that only the first version has.
  public let removed: [Manifest.File]
  /// Files that both have under one path, with different bytes.
  public let changed: [Pair]

  public struct Pair: Hashable, Sendable {
    public let from: Manifest.File
    public let to: Manifest.File

    public init(from: Manifest.File, to: Manifest.File) {
      self.from = from
      self.to = to
    }
  }

  public init(from: [Manifest.File], to: [Manifest.File]) {
    let before = Dictionary(from.map { ($0.path, $0) }) { first, _ in first }
    let after = Dictionary(to.map { ($0.path, $0) }) { first, _ in first }
    added = to.filter { before[$0.path] == nil }
    removed = from.filter { after[$0.path] == nil }
    changed = from.compactMap { file in
      guard let other = after[file.path], other.digest != file.digest else { return nil }
      return Pair(from: file, to: other)
    }
  }
}

/// A field of the manifest that two versions have different values in.
public struct FieldChange: Hashable, Sendable {
  /// The field's name in the manifest.
  public let name: String
  public let from: JSONValue
  public let to: JSONValue

  public init(name: String, from: JSONValue, to: JSONValue) {
    self.name = name
    self.from = from
    self.to = to
  }

  /// Every field but `files` that differs, by name.
  public static func between(_ from: Manifest, _ to: Manifest) -> [FieldChange] {
    let before = from.json.asObject ?? [:]
    let after = to.json.asObject ?? [:]
    return Set(before.keys).union(after.keys).subtracting(["files"]).sorted().compactMap { name in
      let (old, new) = (before[name] ?? .null, after[name] ?? .null)
      // Bytes decide: strings that differ in normalisation only are equal to Swift.
      guard old.canonicalBytes != new.canonicalBytes else { return nil }
      return FieldChange(name: name, from: old, to: new)
    }
  }
}

/// How the tensors of two files pair up, by name.
public struct TensorPairs: Hashable, Sendable {
  public let added: [Tensor]
  public let removed: [Tensor]
  /// Those that both files have, in the order of the first one.
  public let common: [Pair]

  public struct Pair: Hashable, Sendable {
    public let from: Tensor
    public let to: Tensor

    public init(from: Tensor, to: Tensor) {
      self.from = from
      self.to = to
    }

    /// Whether the elements mean the same at the same place, so that their bytes can be compared.
    public var isAlike: Bool {
      from.dtype == to.dtype && from.shape == to.shape && from.isColumnMajor == to.isColumnMajor
        && from.bytes == to.bytes
    }
  }

  /// Pairs the tensors of two files; in neither does a name occur twice.
  public init(from: [Tensor], to: [Tensor]) {
    let before = Set(from.map(\.name))
    let after = Dictionary(to.map { ($0.name, $0) }) { first, _ in first }
    added = to.filter { !before.contains($0.name) }
    removed = from.filter { after[$0.name] == nil }
    common = from.compactMap { tensor in after[tensor.name].map { Pair(from: tensor, to: $0) } }
  }
}
