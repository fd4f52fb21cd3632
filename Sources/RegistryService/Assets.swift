import CPage

/// The files that are part of the program: the page's, and the description of the API.
package enum Assets {
  package static let openAPI = bytes(of: "openapi.yaml")

  package static var names: [String] { files.keys.sorted() }

  /// The bytes of a file by its name; none where there is no such file, which a test excludes for each name in use.
  package static func bytes(of name: String) -> [UInt8] { files[name] ?? [] }

  private static let files: [String: [UInt8]] = {
    var files: [String: [UInt8]] = [:]
    for position in 0..<page_file_count() {
      guard let file = page_file_at(position)?.pointee else { continue }
      let bytes = UnsafeBufferPointer(start: file.bytes, count: Int(file.count))
      files[String(cString: file.name)] = Array(bytes)
    }
    return files
  }()
}
