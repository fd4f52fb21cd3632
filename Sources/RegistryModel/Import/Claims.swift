/// What documents say of files, and whether it is true: a file that is missing, of another size or digest, or that
/// nobody names, is an error.
struct Claims {
  private struct Claim {
    var digest: Digest?
    var bytes: Int64?
  }

  private var claims: [RelativePath: Claim] = [:]

  func has(_ name: String) -> Bool {
    guard let path = try? RelativePath(parsing: name) else { return false }
    return claims[path] != nil
  }

  /// Notes what a document says of a file. Several documents may speak of one, if they agree.
  mutating func add(
    _ name: String, digest: Digest?, bytes: Int64? = nil, by document: String
  ) throws(RegistryError) {
    let path: RelativePath
    do {
      path = try RelativePath(parsing: name)
    } catch {
      throw ImportFolder.broken("\(document.quoted): \(error.message)")
    }
    if let digest, Placeholder.isZeroDigest(digest.hex) {
      throw ImportFolder.broken("\(document.quoted) has a placeholder for the digest of \(name.quoted)")
    }
    var claim = claims[path] ?? Claim()
    guard claim.digest == nil || digest == nil || claim.digest == digest else {
      throw ImportFolder.broken(
        "\(document.quoted) has another digest for \(name.quoted) than was said before")
    }
    claim.digest = claim.digest ?? digest
    claim.bytes = claim.bytes ?? bytes
    claims[path] = claim
  }

  /// Notes what each line of a checksum list says: 64 digits, two spaces, a name.
  mutating func add(list bytes: [UInt8], named document: String) throws(RegistryError) {
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    var seen: Set<String> = []
    for (index, line) in lines.enumerated() {
      guard line.count > 66, line.dropFirst(64).prefix(2).elementsEqual("  ".utf8),
        let digest = Digest(foreign: String(decoding: line.prefix(64), as: UTF8.self)),
        let name = String(validating: line.dropFirst(66), as: UTF8.self), seen.insert(name).inserted
      else {
        throw ImportFolder.broken(
          "line \(index + 1) of \(document.quoted) is not 64 digits, two spaces and a name of its own")
      }
      try add(name, digest: digest, by: document)
    }
  }

  /// The files that were claimed, sorted, without those of `documents`, which may be there unclaimed.
  func settle(
    in folder: ImportFolder, documents: [String], needsDigests: Bool = true
  ) throws(RegistryError) -> [Manifest.File] {
    for (path, claim) in claims.sorted(by: { $0.key < $1.key }) {
      let name = (folder.location + path.text).quoted
      guard let file = folder.files[path] else { throw ImportFolder.broken("\(name) is missing") }
      if let bytes = claim.bytes, bytes != file.bytes {
        throw ImportFolder.broken("\(name) has \(file.bytes) bytes, and its manifest says \(bytes)")
      }
      if let digest = claim.digest, digest != file.digest {
        throw ImportFolder.broken("\(name) has the digest \(file.digest), and its manifest says \(digest)")
      }
      if claim.digest == nil, needsDigests {
        throw ImportFolder.broken("nothing says which digest \(name) must have")
      }
      if claim.digest == nil, claim.bytes == nil {
        throw ImportFolder.broken("nothing says which size \(name) must have")
      }
    }
    if let stray = folder.files.keys.filter({ claims[$0] == nil && !documents.contains($0.text) }).min() {
      throw ImportFolder.broken("nobody vouches for \((folder.location + stray.text).quoted)")
    }
    let files = folder.files.values.filter { !documents.contains($0.path.text) }.sorted { $0.path < $1.path }
    guard !files.isEmpty else {
      throw ImportFolder.broken("\(folder.name.quoted) has no file but its manifest")
    }
    return files
  }
}
