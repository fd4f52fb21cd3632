import DurableFiles
import RegistryModel

/// A copy of the index in one file, outside of the store.
struct BackupFile {
  /// Copies a backup, as the work on it must leave the original alone.
  static func copy(_ path: String, to target: String) throws {
    let (folder, name) = try split(path)
    guard let status = try folder.status(name) else {
      throw RegistryError(.notFound, "\(path.quoted) is not there", hint: "check the path")
    }
    guard status.kind == .file, Index.isCopy(at: path) else {
      throw RegistryError(
        .integrity, "\(path.quoted) is no backup of an index",
        hint: "name a file that `modelctl backup` wrote")
    }
    let source = try Index.open(at: path, readOnly: true, anySchema: true)
    try source.quickCheck()
    try source.copy(to: target)
    try source.close()
  }

  /// The folder of a path, open, and the name in it.
  static func split(_ path: String) throws -> (Directory, String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    guard let name = parts.last else {
      throw RegistryError(.usage, "\(path.quoted) is no file's path", hint: "name a file")
    }
    let parent = parts.dropLast().joined(separator: "/")
    let folder = path.hasPrefix("/") ? "/\(parent)" : parent.isEmpty ? "." : parent
    let directory: Directory
    do {
      directory = try Directory.open(folder)
    } catch {
      guard error.isMissing else { throw error }
      throw RegistryError(.notFound, "the folder \(folder.quoted) is not there", hint: "make it first")
    }
    return (directory, name)
  }
}
