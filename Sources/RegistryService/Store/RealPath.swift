import Glibc

/// Paths with their links followed.
enum RealPath {
  /// Whether a path leads into a folder, or to it; also where it can't be resolved, by its text.
  static func isWithin(_ path: String, _ folder: String) -> Bool {
    let path = resolved(path)
    let folder = resolved(folder)
    return path == folder || path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
  }

  private static func resolved(_ path: String) -> String {
    guard let found = realpath(path, nil) else { return path }
    defer { free(found) }
    return String(cString: found)
  }
}
