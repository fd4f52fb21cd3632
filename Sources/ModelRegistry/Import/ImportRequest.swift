public import RegistryModel

/// What to import, and what to say of it that its layout doesn't.
public struct ImportRequest: Sendable {
  /// A folder, an archive (`.zip`, `.tar`, `.tar.gz`, `.tgz`), or one model file; or the URI of such on a remote.
  public var path: String
  /// The adapter, where the layout names none or another is meant.
  public var adapter: AdapterName?
  /// The number to take; nil: the one that the layout says, else one more than the highest.
  public var number: Int?

  public init(path: String, adapter: AdapterName? = nil, number: Int? = nil) {
    self.path = path
    self.adapter = adapter
    self.number = number
  }

  /// Whether it lies on a remote.
  var isRemote: Bool { path.hasPrefix("gs://") || path.hasPrefix("file://") }

  /// Refuses what can be refused before a store is opened or made.
  ///
  /// - Throws: `usage` for an address of another kind than remotes have.
  public func check() throws(RegistryError) {
    guard let scheme = path.splitOnce(at: UInt8(ascii: ":")), scheme.after.afterPrefix("//") != nil else {
      return
    }
    _ = try RemoteURI(parsing: path)
  }
}
