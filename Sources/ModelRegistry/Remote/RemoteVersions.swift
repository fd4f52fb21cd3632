import RegistryModel

/// Which versions a remote has, by the names of their folders.
struct RemoteVersions {
  let remote: any ObjectStore

  /// The highest number of an adapter whose manifest is there.
  func latest(of adapter: AdapterName) throws -> VersionID? {
    var found: [VersionID] = []
    try each(prefix: "\(RemoteLayout.adapters)\(adapter)_v") { version in
      if version.adapter == adapter { found.append(version) }
    }
    // A folder without a manifest is a push under way, or one that died.
    return try found.sorted().last { try remote.info(RemoteLayout.manifest($0)) != nil }
  }

  /// Every version's name; other folders are somebody else's.
  func each(prefix: String = RemoteLayout.adapters, _ body: (VersionID) throws -> Void) throws {
    try remote.pages(ObjectQuery(prefix: prefix, isShallow: true)) { page in
      for folder in page.folders {
        guard let name = folder.afterPrefix(RemoteLayout.adapters),
          let version = try? VersionID(parsing: String(name.dropLast()))
        else { continue }
        try body(version)
      }
    }
  }
}
