public import RegistryModel

/// What to import, and what to say of it that its layout doesn't.
public struct ImportRequest: Sendable {
  /// A folder, an archive (`.zip`, `.tar`, `.tar.gz`, `.tgz`), or one model file.
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

  /// Refuses what can be refused before a store is opened or made.
  ///
  /// - Throws: `usage` for a bucket's address.
  public func check() throws(RegistryError) {
    guard let scheme = path.splitOnce(at: UInt8(ascii: ":")), scheme.after.afterPrefix("//") != nil else {
      return
    }
    throw RegistryError(
      .usage, "\(path.quoted) is an address, and files of this machine are imported",
      unchanged: "no version was made", hint: "copy it here first, then import the copy")
  }
}
