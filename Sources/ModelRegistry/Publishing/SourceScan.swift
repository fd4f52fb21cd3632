import DurableFiles
import RegistryModel

/// A regular file to publish: where it is, and its path in the version.
struct SourceFile: Sendable {
  let path: RelativePath
  /// The folder that was named, or that holds the file that was; one descriptor for any number of files.
  let folder: Directory
  /// Relative to `folder`; may lie deeper.
  let name: String
  let bytes: Int64
}

/// Finds the files to publish. Links, devices and names that are no proper paths are refused, empty folders
/// dropped, hidden files kept.
enum SourceScan {
  static func files(at paths: [String]) throws -> [SourceFile] {
    var found: [SourceFile] = []
    for path in paths { try scan(path, into: &found) }
    guard !found.isEmpty else {
      throw RegistryError(
        .usage, "there is no file in \(paths.joined(separator: ", "))",
        hint: "name files, or folders with files")
    }
    return found.sorted { $0.path < $1.path }
  }

  private static func scan(_ path: String, into found: inout [SourceFile]) throws {
    guard !path.isEmpty else {
      throw RegistryError(.usage, "a path is empty", hint: "name files, or folders with files")
    }
    let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    do {
      if let folder = try directory(path) { return try scan(folder, into: &found) }
      let slash = trimmed.lastIndex(of: "/")
      let parent = slash.map { $0 == trimmed.startIndex ? "/" : String(trimmed[..<$0]) } ?? "."
      let name = slash.map { String(trimmed[trimmed.index(after: $0)...]) } ?? trimmed
      let folder = try Directory.open(parent)
      guard let status = try folder.status(name) else { throw missing(path) }
      try add([name], status, in: folder, into: &found)
    } catch let error as FileError where error.isMissing {
      throw missing(path)
    }
  }

  /// Nil where something else has that path, or nothing.
  private static func directory(_ path: String) throws(FileError) -> Directory? {
    do {
      return try Directory.open(path)
    } catch {
      guard error.isNoDirectory else { throw error }
      return nil
    }
  }

  private static func missing(_ path: String) -> RegistryError {
    RegistryError(.notFound, "\(path.quoted) is not there", hint: "check the path")
  }

  /// Level by level, the folders of each by several threads.
  private static func scan(_ top: Directory, into found: inout [SourceFile]) throws {
    var level: [[String]] = [[]]
    while !level.isEmpty {
      let parts = try concurrentMap(level) { try scan($0, in: top) }
      for part in parts { found += part.files }
      level = parts.flatMap(\.folders)
    }
  }

  /// What lies in one folder; the folders in it by their way from `top`.
  private static func scan(
    _ way: [String], in top: Directory
  ) throws -> (files: [SourceFile], folders: [[String]]) {
    let folder = way.isEmpty ? top : try top.directory(way.joined(separator: "/"))
    var files: [SourceFile] = []
    var folders: [[String]] = []
    for entry in try folder.entries() {
      guard entry.isUTF8 else {
        throw RegistryError(
          .integrity, "a name in \(folder.path) is not UTF-8: \(entry.name.quoted)", hint: "rename the file")
      }
      if entry.kind == .directory {
        folders.append(way + [entry.name])
      } else if let status = try folder.status(entry.name) {
        try add(way + [entry.name], status, in: top, into: &files)
      }
    }
    return (files, folders)
  }

  private static func add(
    _ components: [String], _ status: FileStatus, in folder: Directory, into found: inout [SourceFile]
  ) throws {
    let name = components.joined(separator: "/")
    guard status.kind == .file else {
      throw RegistryError(
        .integrity, "\(folder.path)/\(name) is no regular file, and links and devices are not published",
        hint: "put the file itself there")
    }
    found.append(
      SourceFile(path: try RelativePath(parsing: name), folder: folder, name: name, bytes: status.size))
  }
}
