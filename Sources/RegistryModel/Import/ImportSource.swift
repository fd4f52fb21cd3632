/// What lies in a folder, an archive or a file that is to be imported: names, digests and sizes of everything, and the
/// bytes of the small documents. Nothing of it is trusted but that the digests are those of the bytes.
public struct ImportSource: Sendable {
  /// The most bytes of one document; a list of a hundred thousand files stays below it.
  public static let documentBytes = 16 << 20

  /// What the folder, archive or file is called, without an archive's ending.
  public let name: String
  /// Whether it is one bare file.
  public let isFile: Bool
  public let files: [Manifest.File]
  /// The bytes of the files that ``ImportLayout/isDocument(_:)`` names.
  public let documents: [RelativePath: [UInt8]]

  public init(
    name: String, isFile: Bool, files: [Manifest.File], documents: [RelativePath: [UInt8]]
  ) {
    self.name = name
    self.isFile = isFile
    self.files = files
    self.documents = documents
  }

  var folder: ImportFolder {
    ImportFolder(
      name: name, location: "", files: Dictionary(files.map { ($0.path, $0) }) { first, _ in first },
      documents: documents)
  }
}

/// One folder of a source; its paths are relative to it.
struct ImportFolder {
  let name: String
  /// Where it is in the source, with a final slash, for messages; empty for the source itself.
  let location: String
  let files: [RelativePath: Manifest.File]
  let documents: [RelativePath: [UInt8]]

  func file(_ name: String) -> Manifest.File? {
    guard let path = try? RelativePath(parsing: name) else { return nil }
    return files[path]
  }

  /// The bytes of a document that must be there.
  func bytes(_ name: String) throws(RegistryError) -> [UInt8] {
    let path = try RelativePath(parsing: name)
    if let bytes = documents[path] { return bytes }
    let isThere = files[path] != nil
    throw Self.broken(
      "\((location + name).quoted) is \(isThere ? "longer than \(ImportSource.documentBytes) bytes" : "missing")"
    )
  }

  func document(_ name: String) throws(RegistryError) -> ForeignDocument {
    try ForeignDocument(parsing: bytes(name), name: location + name)
  }

  static func broken(_ message: String) -> RegistryError {
    RegistryError(
      .integrity, message, unchanged: "no version was made", hint: "get it again from its author, complete")
  }
}

extension ImportFolder {
  /// The folders in it, by name, each with what it holds; and the files that lie in none.
  func split() throws(RegistryError) -> (folders: [String: ImportFolder], loose: [Manifest.File]) {
    var parts: [String: (files: [RelativePath: Manifest.File], documents: [RelativePath: [UInt8]])] = [:]
    var loose: [Manifest.File] = []
    for (path, file) in files {
      guard let (first, rest) = path.text.splitOnce(at: UInt8(ascii: "/")) else {
        loose.append(file)
        continue
      }
      let inner = try RelativePath(parsing: rest)
      parts[first, default: ([:], [:])].files[inner] = Manifest.File(
        path: inner, digest: file.digest, bytes: file.bytes)
      if let bytes = documents[path] { parts[first]?.documents[inner] = bytes }
    }
    var folders: [String: ImportFolder] = [:]
    for (name, part) in parts {
      folders[name] = ImportFolder(
        name: name, location: "\(location)\(name)/", files: part.files, documents: part.documents)
    }
    return (folders, loose)
  }
}
