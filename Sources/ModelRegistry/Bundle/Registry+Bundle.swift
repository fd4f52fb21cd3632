import DurableFiles
public import RegistryModel

/// What making a bundle did.
public struct BundleResult: Hashable, Sendable {
  public let path: String
  public let bytes: Int64
  public let versions: [VersionID]
  public let channels: [ChannelSetting]
}

extension Registry {
  /// Writes versions, what travels with them, and the channels that name them into one file: for a USB stick.
  ///
  /// It is a tar in which everything has the name that it has on a remote, so that unpacked it is one. The same versions
  /// make the same bytes. Durable when this returns.
  /// - Throws: `refused` where the file is there already; `integrity` or `notFound` where bytes of a version are bad or
  ///   not here. Nothing is left of the file then.
  public func createBundle(
    _ references: [Reference], at path: String, progress: ProgressHandler? = nil
  ) throws(RegistryError) -> BundleResult {
    try reporting("make the bundle \(path)", unchanged: "no bundle was made") {
      guard !references.isEmpty else {
        throw RegistryError(.usage, "a bundle needs a version", hint: "name versions to put into it")
      }
      let index = try index()
      let records = try references.map { try resolve($0) }
      let (folder, name) = try Self.place(path)
      guard try folder.status(name) == nil else { throw Self.taken(path) }
      let file = try folder.createFile(mode: 0o644)
      let channels = try BundleWriter(registry: self, index: index, meter: ProgressMeter(progress))
        .write(records, to: file)
      try file.sync()
      let bytes = try file.status().size
      guard try file.link(as: name, in: folder) else { throw Self.taken(path) }
      try folder.sync()
      return BundleResult(
        path: path, bytes: bytes, versions: Set(records.map(\.version)).sorted(), channels: channels)
    }
  }

  private static func place(_ path: String) throws -> (folder: Directory, name: String) {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    return (try Directory.open(folder), slash.map { String(path[path.index(after: $0)...]) } ?? path)
  }

  private static func taken(_ path: String) -> RegistryError {
    RegistryError(.refused, "\(path.quoted) is there already", hint: "choose another name, or remove it")
  }

  /// Installs the versions of a bundle, verified like a download, and records channels that are newer than here.
  ///
  /// All of it is checked before anything is made: a bundle that is damaged or cut off installs nothing. With a remote,
  /// channels are left to the remote.
  /// - Throws: `integrity` for a file that is no bundle, or bytes that don't match; `refused` where a name means another
  ///   version here.
  public func installBundle(
    at path: String, progress: ProgressHandler? = nil
  ) throws(RegistryError) -> (versions: [InstallResult], channels: [ChannelSetting]) {
    try reporting("install the bundle \(path)", unchanged: "no version was made") {
      let operation = try Operation(
        "bundle", in: store, waitingAtMost: patience, meter: ProgressMeter(progress))
      defer { operation.finish() }
      return try BundleIntake(registry: self, index: try index(), operation: operation, path: path)
        .install()
    }
  }
}
