import RegistryModel

/// How two versions differ.
struct DiffPage: Sendable {
  struct File: Hashable, Sendable {
    let badge: Badge
    let path: String
    let size: String
    let problem: String?
  }

  struct Field: Hashable, Sendable {
    let name: String
    let from: String
    let to: String
  }

  struct Tensor: Hashable, Sendable {
    let badge: Badge
    let name: String
    let file: String
    let shape: String
    let difference: String
  }

  /// The most tensors that a page lists.
  static let tensorLimit = 500

  let frame: PageFrame
  let from: Link
  let to: Link
  let other: String
  let isSame: Bool
  let files: [File]
  let fields: [Field]
  let tensors: [Tensor]
  let unchanged: String?
  let rest: String?
  let hasFiles: Bool
  let hasFields: Bool
  let hasTensors: Bool

  /// - Parameter diff: `/api/models/REF/diff/REF`.
  init(_ frame: PageFrame, _ diff: JSONValue) {
    self.frame = frame
    let (from, to) = (diff.text("from") ?? "", diff.text("to") ?? "")
    (self.from, self.to) = (.version(from), .version(to))
    other = PagePath.diff(to, from)
    files = Self.files(diff["files"] ?? .null)
    fields = (diff["metadata"]?.sorted ?? []).map {
      Field(name: $0.name, from: $0.value["from"]?.shown ?? "—", to: $0.value["to"]?.shown ?? "—")
    }
    let all = Self.tensors(diff["tensors"] ?? .null)
    tensors = Array(all.prefix(Self.tensorLimit))
    rest = all.count > Self.tensorLimit ? Shown.grouped(Int64(all.count - Self.tensorLimit)) : nil
    let same = diff["tensors"]?.whole("unchanged") ?? 0
    unchanged =
      same > 0 ? "\(Shown.count(same, "tensor")) of changed files \(same == 1 ? "is" : "are") the same" : nil
    hasFiles = !files.isEmpty
    hasFields = !fields.isEmpty
    hasTensors = !tensors.isEmpty || unchanged != nil
    isSame = files.isEmpty && fields.isEmpty
  }

  private static func files(_ files: JSONValue) -> [File] {
    func size(_ file: JSONValue?) -> String { Shown.bytes(file?.whole("bytes") ?? 0) }
    let changed = files.list("changed").map {
      File(
        badge: Badge("changed", .info), path: $0.text("path") ?? "",
        size: "\(size($0["from"])) → \(size($0["to"]))",
        problem: $0.text("problem"))
    }
    let added = files.list("added").map {
      File(badge: Badge("added", .good), path: $0.text("path") ?? "", size: size($0), problem: nil)
    }
    let removed = files.list("removed").map {
      File(badge: Badge("removed", .bad), path: $0.text("path") ?? "", size: size($0), problem: nil)
    }
    return changed + added + removed
  }

  private static func tensors(_ tensors: JSONValue) -> [Tensor] {
    func tensor(_ tensor: JSONValue, _ badge: Badge, shape: String, difference: String = "") -> Tensor {
      Tensor(
        badge: badge, name: tensor.text("name") ?? "", file: tensor.text("file") ?? "", shape: shape,
        difference: difference)
    }
    func kind(_ tensor: JSONValue?) -> String {
      "\(VersionContents.Tensor.shape(tensor ?? .null)) \(tensor?.text("dtype") ?? "")"
    }
    let changed = tensors.list("changed").map { change in
      let (from, to) = (kind(change["from"]), kind(change["to"]))
      return tensor(
        change, Badge("changed", .info), shape: from == to ? to : "\(from) → \(to)",
        difference: change.decimal("max_difference").map { Shown.number($0) } ?? "")
    }
    let added = tensors.list("added").map { tensor($0, Badge("added", .good), shape: kind($0)) }
    let removed = tensors.list("removed").map { tensor($0, Badge("removed", .bad), shape: kind($0)) }
    return changed + added + removed
  }
}
