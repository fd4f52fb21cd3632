/// A part of a source that is one version.
public struct ImportUnit: Sendable {
  let layout: ImportLayout
  let folder: ImportFolder

  /// - Throws: `integrity` where a document is malformed, holds a placeholder, or does not vouch for exactly the files
  ///   that are there.
  public func plan() throws(RegistryError) -> ImportPlan {
    switch layout {
    case .plan02: try .plan02(folder)
    case .cloud: try .cloud(folder)
    case .ota: try .ota(folder)
    case .edge: try .edge(folder)
    case .export: try .export(folder)
    case .file: try .bare(folder)
    }
  }
}

extension ImportSource {
  /// The folders of a registry plan's root, and the layout of what is in each.
  static let planFolders: [String: ImportLayout] = [
    "adapters": .plan02, "seed": .plan02, "models": .cloud,
  ]

  /// The parts that are a version each. A single folder around everything is left out of account.
  ///
  /// - Throws: `usage` where nothing says which layout it is; `integrity` where two layouts, or a file that belongs to
  ///   none of several versions, make it ambiguous.
  public func units() throws(RegistryError) -> [ImportUnit] {
    if isFile { return [ImportUnit(layout: .file, folder: folder)] }
    var folder = folder
    while true {
      if let layout = try layout(of: folder) { return [ImportUnit(layout: layout, folder: folder)] }
      let (folders, loose) = try folder.split()
      let plan = try planUnits(folders, loose)
      if !plan.isEmpty { return plan }
      guard loose.isEmpty, folders.count == 1, let only = folders.first?.value else { break }
      folder = only
    }
    let marks = ImportLayout.allCases.compactMap(\.mark).joined(separator: ", ")
    throw RegistryError(
      .usage, "\(name.quoted) has no layout that can be imported", unchanged: "no version was made",
      hint: "one of \(marks) must lie in it; make a version of any files with `modelctl publish`")
  }

  private func layout(of folder: ImportFolder) throws(RegistryError) -> ImportLayout? {
    var found = ImportLayout.allCases.filter { $0.mark.map { folder.file($0) != nil } ?? false }
    if found.contains(.ota) { found.removeAll { $0 == .plan02 } }
    guard found.count < 2 else {
      let marks = found.compactMap(\.mark).joined(separator: " and ")
      throw ImportFolder.broken("\((folder.location + marks).quoted) lie together, and only one can be meant")
    }
    return found.first
  }

  /// The versions under `adapters/`, `seed/` and `models/`; empty where this is no plan's root.
  private func planUnits(
    _ folders: [String: ImportFolder], _ loose: [Manifest.File]
  ) throws(RegistryError) -> [ImportUnit] {
    var units: [ImportUnit] = []
    var strays = loose.map(\.path.text)
    for (name, folder) in folders {
      guard let layout = Self.planFolders[name] else {
        strays.append(name)
        continue
      }
      let (inner, outer) = try folder.split()
      strays += outer.map { folder.location + $0.path.text }
      for unit in inner.values {
        if layout.mark.map({ unit.file($0) != nil }) ?? false {
          units.append(ImportUnit(layout: layout, folder: unit))
        } else {
          strays.append(unit.location)
        }
      }
    }
    guard !units.isEmpty else { return [] }
    if let stray = strays.min() {
      throw ImportFolder.broken("\(stray.quoted) belongs to none of the versions beside it")
    }
    return units.sorted { $0.folder.location < $1.folder.location }
  }
}
