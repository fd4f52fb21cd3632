import RegistryModel

/// The files of a version, and the tensors in them.
struct VersionContents: Hashable, Sendable {
  struct File: Hashable, Sendable {
    let path: String
    let download: String
    let size: String
    let format: String
    let digest: String
    let runsCode: Bool
    let problem: String?
  }

  struct Tensor: Hashable, Sendable {
    let name: String
    let file: String
    let shape: String
    let dtype: String
    let size: String
  }

  /// The most tensors that a page lists.
  static let tensorLimit = 200

  let files: [File]
  let fileCount: String
  let runsCode: Bool
  let tensors: [Tensor]
  /// `24 tensors, 1 048 576 parameters of F32`; nil where there is none.
  let summary: String?
  /// How many tensors aren't listed.
  let rest: String?

  /// - Parameter version: `/api/models/REF`.
  init(_ version: JSONValue) {
    let name = version.text("version") ?? ""
    let formats = Dictionary(version.list("formats").map { ($0.text("path") ?? "", $0) }) { first, _ in first
    }
    files = version.list("files").map { file in
      let path = file.text("path") ?? ""
      let format = formats[path]
      return File(
        path: path, download: PagePath.file(path, of: name), size: Shown.bytes(file.whole("bytes") ?? 0),
        format: format?.text("format") ?? "", digest: Shown.digest(file.text("digest") ?? ""),
        runsCode: format?.holds("runs_code") ?? false, problem: format?.text("problem"))
    }
    fileCount = Shown.count(Int64(files.count), "file")
    runsCode = files.contains(where: \.runsCode)
    let all = version.list("tensors")
    tensors = all.prefix(Self.tensorLimit).map(Tensor.init)
    rest = all.count > Self.tensorLimit ? Shown.grouped(Int64(all.count - Self.tensorLimit)) : nil
    summary = all.isEmpty ? nil : Self.summary(all)
  }

  private static func summary(_ tensors: [JSONValue]) -> String {
    var parameters = 0.0
    var kinds: Set<String> = []
    for tensor in tensors {
      parameters += tensor.list("shape").compactMap(\.asDouble).reduce(1, *)
      kinds.insert(tensor.text("dtype") ?? "")
    }
    let count = Int64(exactly: parameters).map(Shown.grouped) ?? Shown.number(parameters)
    return
      "\(Shown.count(Int64(tensors.count), "tensor")), \(count) numbers of \(kinds.sorted().joined(separator: ", "))"
  }
}

extension VersionContents.Tensor {
  /// - Parameter tensor: one of `/api/models/REF`.
  init(_ tensor: JSONValue) {
    name = tensor.text("name") ?? ""
    file = tensor.text("file") ?? ""
    shape = Self.shape(tensor)
    dtype = tensor.text("dtype") ?? ""
    size = Shown.bytes(tensor.whole("bytes") ?? 0)
  }

  /// `8 × 512`; `one number` where it has no dimensions.
  static func shape(_ tensor: JSONValue) -> String {
    let lengths = tensor.list("shape").compactMap(\.asInt).map { "\($0)" }
    return lengths.isEmpty ? "one number" : lengths.joined(separator: " × ")
  }
}
