extension Manifest.Rules {
  /// Checks number, order, sizes and collisions of files; returns the sum of their sizes.
  static func check(files: [Manifest.File]) throws(RegistryError) -> Int64 {
    guard 1...Manifest.Limits.files ~= files.count else {
      throw broken("files", "has \(files.count) elements, and 1 to \(Manifest.Limits.files) are allowed")
    }
    for (earlier, later) in zip(files, files.dropFirst()) where earlier.path >= later.path {
      let problem = earlier.path == later.path ? "occurs twice" : "is not in the order of bytes"
      throw broken("files", "are wrong: \(later.path.text.quoted) \(problem)")
    }
    let pathBytes = files.reduce(0) { $0 + $1.path.text.utf8.count }
    guard pathBytes <= Manifest.Limits.pathBytes else {
      throw broken("files", "has paths of more than \(Manifest.Limits.pathBytes) bytes together")
    }
    try checkCollisions(files)
    return try totalBytes(of: files)
  }

  private static func totalBytes(of files: [Manifest.File]) throws(RegistryError) -> Int64 {
    let maximum = JSONValue.safeIntegers.upperBound
    var total: Int64 = 0
    for file in files {
      guard 0...maximum ~= file.bytes else {
        throw broken("files", "has \(file.path.text.quoted) with \(file.bytes) bytes, outside 0...2^53 - 1")
      }
      // Cannot overflow: both are below 2^53.
      total += file.bytes
      guard total <= maximum else { throw broken("files", "has more than 2^53 - 1 bytes in all") }
    }
    return total
  }

  /// Refuses trees that cannot exist, or not on every file system: two paths that differ in case or normalisation
  /// only, and a file where another path needs a directory.
  private static func checkCollisions(_ files: [Manifest.File]) throws(RegistryError) {
    var names: Set<String> = []
    names.reserveCapacity(files.count)
    for file in files where !names.insert(file.path.foldedKey).inserted {
      throw broken("files", "has \(file.path.text.quoted) twice but for case or normalisation")
    }
    // Sorted paths of one directory mostly stand together, so remembering the last one spares most look-ups.
    var lastParent: Substring.UTF8View?
    for file in files {
      let folded = Substring(file.path.foldedKey).utf8
      guard let slash = folded.lastIndex(of: UInt8(ascii: "/")) else { continue }
      let parent = folded[..<slash]
      if let lastParent, lastParent.elementsEqual(parent) { continue }
      lastParent = parent
      var ancestor = parent
      while true {
        guard !names.contains(String(Substring(ancestor))) else {
          throw broken("files", "has a file where \(file.path.text.quoted) needs a directory")
        }
        guard let slash = ancestor.lastIndex(of: UInt8(ascii: "/")) else { break }
        ancestor = ancestor[..<slash]
      }
    }
  }
}
