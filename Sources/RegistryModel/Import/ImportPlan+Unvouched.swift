// Layouts that say neither size nor digest of a file: what is there is adopted, with digests computed on the way in.

extension ImportPlan {
  /// What a cloud job left; its folder's name is the job's id.
  ///
  /// `checkpoint_path` is often the absolute path of a developer, which means nothing here.
  static func cloud(_ folder: ImportFolder) throws(RegistryError) -> ImportPlan {
    let manifest = ImportLayout.cloud.mark ?? ""
    let document = try folder.document(manifest)
    var names = ["model.pkl"]
    if let path = try document.text("checkpoint_path"), path != manifest { names.append(path) }
    let files = Set(names).compactMap { folder.file($0) }.sorted { $0.path < $1.path }
    guard !files.isEmpty else {
      throw ImportFolder.broken("\((folder.location + names[0]).quoted) is missing")
    }
    let known = Set(files.map(\.path.text) + [manifest])
    if let stray = folder.files.keys.filter({ !known.contains($0.text) }).min() {
      throw ImportFolder.broken("nobody vouches for \((folder.location + stray.text).quoted)")
    }
    var plan = ImportPlan(.cloud, folder, files: files)
    plan.modelType = try document.text("model_type") ?? plan.modelType
    plan.framework = try document.text("format") ?? plan.framework
    plan.createdAt = try document.time("exported_at")
    plan.jobID = folder.name
    plan.jobConfiguration = document.field("config")?.canonicalBytes
    return plan
  }

  /// A bare file; its stem `robot_001_v4` names adapter and number.
  static func bare(_ folder: ImportFolder) throws(RegistryError) -> ImportPlan {
    guard let file = folder.files.values.first, folder.files.count == 1 else {
      throw ImportFolder.broken("\(folder.name.quoted) is no single file")
    }
    var plan = ImportPlan(.file, folder, files: [file])
    let name = file.path.text
    let stem = name.utf8.lastIndex(of: UInt8(ascii: ".")).map { String(name[..<$0]) } ?? name
    if let version = try? VersionID(parsing: stem) {
      plan.adapter = version.adapter
      plan.number = version.number
    }
    return plan
  }
}
