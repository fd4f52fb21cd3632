extension ImportPlan {
  private static let modelTypes: Set = ["seed", "adapter", "release"]

  /// A folder of the registry plan, `adapters/robot_001_v4` or `seed/v1.0.0`.
  static func plan02(_ folder: ImportFolder) throws(RegistryError) -> ImportPlan {
    let manifest = ImportLayout.plan02.mark ?? ""
    let document = try folder.document(manifest)
    guard let modelType = try document.text("model_type"), modelTypes.contains(modelType) else {
      throw document.problem("model_type", "is none of \(modelTypes.sorted().joined(separator: ", "))")
    }
    var claims = Claims()
    try claims.add(filesOf: document)
    if folder.file(ImportLayout.checksumList) != nil {
      try claims.add(
        list: folder.bytes(ImportLayout.checksumList), named: folder.location + ImportLayout.checksumList)
    }
    let documents = [manifest, ImportLayout.checksumList]
    try claims.add(wholeOf: document, folder, documents)
    var plan = ImportPlan(.plan02, folder, files: try claims.settle(in: folder, documents: documents))
    try plan.describe(document)
    plan.modelType = modelType
    return plan
  }

  /// Takes what the manifests of the registry plan and of bundles have in common.
  mutating func describe(_ document: ForeignDocument) throws(RegistryError) {
    try name(document.text("model_id"), version: document.version("version"), in: document)
    createdAt = try document.time("created_at")
    modelType = try document.text("model_type") ?? modelType
    framework = try document.text("framework") ?? framework
    let training = try document.object("training_info") ?? [:]
    for key in ["final_loss", "episodes_used"] {
      metrics[key] = try document.metric(training[key], "training_info.\(key)")
    }
    metrics["param_count"] = try document.metric(document.field("param_count"), "param_count")
  }
}

extension Claims {
  /// Notes what the elements of `files` say, each name once.
  mutating func add(filesOf document: ForeignDocument) throws(RegistryError) {
    var claims = self
    var seen: Set<String> = []
    try document.files { (name, bytes, digest) throws(RegistryError) in
      guard seen.insert(name).inserted else { throw document.problem("files", "names \(name.quoted) twice") }
      try claims.add(name, digest: digest, bytes: bytes, by: document.name)
    }
    self = claims
  }

  /// Holds the manifest's own `checksum` against the files: it must be the digest of one, and where there is only one
  /// file it vouches for it.
  mutating func add(
    wholeOf document: ForeignDocument, _ folder: ImportFolder, _ documents: [String]
  ) throws(RegistryError) {
    guard let digest = try document.digest(document.field("checksum"), "checksum") else { return }
    let files = folder.files.values.filter { !documents.contains($0.path.text) }
    if files.count == 1, let only = files.first {
      try add(only.path.text, digest: digest, by: document.name)
    } else if !files.isEmpty, !files.contains(where: { $0.digest == digest }) {
      throw document.problem("checksum", "is the digest of none of the files")
    }
  }
}
