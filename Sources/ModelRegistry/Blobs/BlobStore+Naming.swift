import DurableFiles
import RegistryModel

extension BlobStore {
  /// Gives a staged blob its name. The caller holds `content` shared and syncs `touched` before it lets anything
  /// refer to the blob.
  ///
  /// "The name exists" is never taken for "the bytes are right": the file under the name must carry a stamp or it
  /// is hashed. Bad bytes are linked into quarantine and replaced by one rename, here and in `trees`, so that
  /// there is no moment without a file under a name. `noteBad` is called before that: once the blob is good again
  /// nothing but that note tells that trees still hold the bad bytes.
  func name(
    _ staged: StagedBlob, from operation: Operation, isStamped: (FileStatus) throws -> Bool,
    noteBad: () throws -> Void, touched: inout TouchedDirectories
  ) throws -> Naming {
    let name = staged.digest.hex
    let directory = try directory(for: staged.digest, touched: &touched)
    // A file that was named before is closed.
    let file = staged.file.flatMap { $0.isClosed ? nil : $0 }
    defer { file?.close() }
    var isStaged = true
    if let file {
      if try file.link(as: name, in: directory) { return .new }
    } else {
      do {
        try operation.folder.rename(name, to: name, in: directory, replacing: false)
        return .new
      } catch {
        guard error.exists || error.isMissing else { throw error }
        isStaged = error.exists
      }
    }
    if try holds(staged, isStamped, operation.meter) { return .existed }
    guard isStaged else { throw UnusableBlob(digest: staged.digest) }
    try noteBad()
    try quarantine(staged.digest, in: directory)
    if let file { _ = try file.link(as: name, in: operation.folder) }
    try operation.folder.rename(name, to: name, in: directory, replacing: true)
    return .replacedBadBytes
  }

  private func holds(
    _ staged: StagedBlob, _ isStamped: (FileStatus) throws -> Bool, _ meter: ProgressMeter
  ) throws -> Bool {
    guard let status = try status(staged.digest), status.kind == .file, status.size == staged.bytes else {
      return false
    }
    return try isStamped(status) || Hashing.agrees(open(staged.digest), staged.digest, meter)
  }

  /// Keeps what lies under a blob's name for a look. A folder there is moved, as no rename replaces it.
  func quarantine(_ digest: Digest, in directory: Directory) throws {
    try store.quarantine.removeTree(digest.hex)
    switch try status(digest)?.kind {
    case nil: break
    case .file: try directory.hardLink(digest.hex, as: digest.hex, in: store.quarantine)
    default: try directory.rename(digest.hex, to: digest.hex, in: store.quarantine, replacing: false)
    }
  }
}

/// A blob that was to be reused turned out to be bad, or was collected meanwhile: its bytes have to be staged.
struct UnusableBlob: Error {
  let digest: Digest
}

extension Registry {
  /// Runs what names blobs that were looked for before a lock was taken: one of them may have been collected since.
  func naming<T>(_ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as UnusableBlob {
      throw RegistryError(
        .busy, "blob \(error.digest.short) was collected while others were fetched",
        hint: "run the command again")
    }
  }
}

/// How a staged blob came to its name.
enum Naming: Hashable {
  case new
  /// The name was there with good bytes.
  case existed
  /// The name was there with bad bytes, which went to quarantine.
  case replacedBadBytes
}
