/// How others lay out a model on disk; the raw value is what a manifest's `origin.layout` says.
public enum ImportLayout: String, CaseIterable, Sendable {
  /// A folder of the registry plan, with `manifest.json`: every file has its size and digest.
  case plan02
  /// What a cloud job leaves, `model.pkl` and `model_manifest.json`: neither sizes nor digests.
  case cloud
  /// A bundle that is sent over the air, with `manifest.json` and `CHECKSUMS.sha256`.
  case ota
  /// A bundle for the edge, with `edge_manifest.json`.
  case edge
  /// An export, with `export_manifest.json`: sizes and no digests.
  case export
  /// A bare file that somebody copied.
  case file

  /// The document whose presence tells the layout.
  var mark: String? {
    switch self {
    case .plan02: "manifest.json"
    case .cloud: "model_manifest.json"
    case .ota: "CHECKSUMS.sha256"
    case .edge: "edge_manifest.json"
    case .export: "export_manifest.json"
    case .file: nil
    }
  }

  /// Whether a version's name says what it is, so that it can't mean two things. An export's is that of its format.
  public var namesVersions: Bool { self != .export }

  /// The checksum list that may lie beside a manifest of the registry plan.
  static let checksumList = "checksum.sha256"

  /// Whether a path looks like one of a version among others, `adapters/robot_001_v4/…`, so that many files may follow.
  public static func isInGroup(_ path: RelativePath) -> Bool {
    let folders = path.components.dropLast()
    guard let plan = folders.firstIndex(where: { ImportSource.planFolders[$0] != nil }) else { return false }
    return folders.count >= plan + 2
  }

  /// The endings of files that are models by themselves.
  static let fileEndings = ["npz", "npy", "safetensors", "pt", "pth", "pkl", "tflite", "hef", "onnx"]

  /// Whether a file's name says that it is a model by itself, whatever is packed in it (`.npz` and `.pt` are zips).
  public static func isModelFile(_ name: String) -> Bool {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex else { return false }
    return fileEndings.contains(name[name.utf8.index(after: dot)...].lowercased())
  }

  /// Whether a file's bytes are needed to make a plan: it has the name of a manifest or of a checksum list.
  public static func isDocument(_ path: RelativePath) -> Bool {
    guard let name = path.components.last else { return false }
    return name == checksumList || allCases.contains { $0.mark == name }
  }
}
