/// Where a remote is: `gs://BUCKET/PREFIX`, or `file:///DIRECTORY`.
public struct RemoteURI: Hashable, Sendable {
  public enum Place: Hashable, Sendable {
    /// An absolute path.
    case directory(String)
    case bucket(String)
  }

  public let place: Place
  /// What every name in it begins with, without a slash at either end; empty in a directory.
  public let prefix: String

  public init(place: Place, prefix: String) {
    self.place = place
    self.prefix = prefix
  }

  /// Reads a URI; a slash at the end means nothing.
  ///
  /// - Throws: `usage` for another scheme, a bucket name that Cloud Storage doesn't have, or a path that isn't plain.
  public init(parsing text: String) throws(RegistryError) {
    func refused(_ problem: String) -> RegistryError {
      RegistryError(
        .usage, "the URI \(text.quoted) \(problem)",
        hint: "write gs://BUCKET/PREFIX, or file:///DIRECTORY with an absolute path")
    }
    if let path = text.afterPrefix("file://") {
      guard let rest = path.afterPrefix("/") else { throw refused("names no absolute directory") }
      let relative = try Self.path(rest, refused)
      guard !relative.isEmpty else { throw refused("names the root") }
      self.init(place: .directory("/" + relative), prefix: "")
    } else if let rest = text.afterPrefix("gs://") {
      let (bucket, path) = rest.splitOnce(at: UInt8(ascii: "/")) ?? (rest, "")
      guard Self.isBucket(bucket) else { throw refused("names no bucket") }
      self.init(place: .bucket(bucket), prefix: try Self.path(path, refused))
    } else {
      throw refused("begins with neither gs:// nor file://")
    }
  }

  /// The path without the slash at its end.
  private static func path(_ text: String, _ refused: (String) -> RegistryError) throws(RegistryError)
    -> String
  {
    let path = text.utf8.last == UInt8(ascii: "/") ? String(text.dropLast()) : text
    if path.isEmpty { return "" }
    guard (try? RelativePath(parsing: path)) != nil else { throw refused("has a path that isn't plain") }
    return path
  }

  /// 3 to 63 lower-case letters, digits, `-`, `_` and `.`, a letter or digit at both ends.
  private static func isBucket(_ name: String) -> Bool {
    let bytes = name.utf8
    func isWord(_ byte: UInt8) -> Bool { (97...122).contains(byte) || (48...57).contains(byte) }
    guard 3...63 ~= bytes.count, let first = bytes.first, let last = bytes.last else { return false }
    return isWord(first) && isWord(last) && bytes.allSatisfy { isWord($0) || "-_.".utf8.contains($0) }
  }

  /// Whether everything in `other` is in this one, too.
  public func contains(_ other: RemoteURI) -> Bool { path(of: other) != nil }

  /// What `other` is called within this one, empty for itself; nil where it isn't in it.
  public func path(of other: RemoteURI) -> String? {
    func rest(_ inner: String, _ outer: String) -> String? {
      if outer.isEmpty || inner == outer { return outer.isEmpty ? inner : "" }
      return inner.afterPrefix(outer + "/")
    }
    switch (place, other.place) {
    case (.bucket(let mine), .bucket(let theirs)): return mine == theirs ? rest(other.prefix, prefix) : nil
    case (.directory(let mine), .directory(let theirs)): return rest(theirs, mine)
    default: return nil
    }
  }

  /// The last part of its path; empty for a whole bucket.
  public var name: String {
    let path = if case .directory(let path) = place { path } else { prefix }
    return path.split(separator: "/").last.map(String.init) ?? ""
  }
}

extension RemoteURI: CustomStringConvertible {
  public var description: String {
    switch place {
    case .directory(let path): "file://\(path)"
    case .bucket(let bucket): "gs://\(bucket)" + (prefix.isEmpty ? "" : "/\(prefix)")
    }
  }
}
