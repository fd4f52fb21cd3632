extension ImportPlan {
  /// A bundle that was sent over the air: its checksum list vouches for every file.
  static func ota(_ folder: ImportFolder) throws(RegistryError) -> ImportPlan {
    let list = ImportLayout.ota.mark ?? ""
    let manifest = ImportLayout.ota.manifestName ?? ""
    let document = try folder.document(manifest)
    var claims = Claims()
    try claims.add(list: folder.bytes(list), named: folder.location + list)
    try claims.add(filesOf: document)
    let documents = [manifest, list]
    try claims.add(wholeOf: document, folder, documents)
    var plan = ImportPlan(.ota, folder, files: try claims.settle(in: folder, documents: documents))
    try plan.describe(document)
    return plan
  }

  /// A bundle for the edge: `artifacts` names the files, `checksums` has `NAME_sha256` for each.
  static func edge(_ folder: ImportFolder) throws(RegistryError) -> ImportPlan {
    let manifest = ImportLayout.edge.mark ?? ""
    let document = try folder.document(manifest)
    let artifacts = try document.object("artifacts") ?? [:]
    var checksums = try document.object("checksums") ?? [:]
    var claims = Claims()
    for (key, value) in artifacts.sorted(by: { $0.key < $1.key }) where !value.isNull {
      guard let file = value.asString else { throw document.problem("artifacts.\(key)", "names no file") }
      let field = "\(key)_sha256"
      guard let digest = try document.digest(checksums.removeValue(forKey: field), "checksums.\(field)")
      else {
        throw document.problem("checksums.\(field)", "is missing")
      }
      try claims.add(file, digest: digest, by: document.name)
    }
    if let stray = checksums.filter({ !$0.value.isNull }).keys.min() {
      throw document.problem("checksums.\(stray)", "belongs to no artifact")
    }
    var plan = ImportPlan(.edge, folder, files: try claims.settle(in: folder, documents: [manifest]))
    try plan.name(document.text("model_name"), version: document.version("version"), in: document)
    plan.createdAt = try document.time("created_at_unix_ms")
    return plan
  }

  /// An export: sizes vouch for the files, as it has no digests.
  static func export(_ folder: ImportFolder) throws(RegistryError) -> ImportPlan {
    let manifest = ImportLayout.export.mark ?? ""
    let document = try folder.document(manifest)
    guard try document.text("format") == "continuonbrain_export" else {
      throw document.problem("format", "is not \"continuonbrain_export\"")
    }
    var claims = Claims()
    try claims.add(filesOf: document)
    var plan = ImportPlan(
      .export, folder, files: try claims.settle(in: folder, documents: [manifest], needsDigests: false))
    // The version is that of the format, "1.0" in all exports: a name at best, and never a number.
    if case .other(let text)? = try document.version("version") { plan.originVersion = text }
    plan.createdAt = try document.time("created")
    return plan
  }
}
