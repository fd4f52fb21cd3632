import DurableFiles
import RegistryModel

extension Reconciliation {
  /// Gives rows to the blobs that something names: files, manifests, attachments. What nothing names is left to gc.
  ///
  /// No byte is hashed: that is for verify, and for whoever uses a blob without a stamp. A wrong size is seen here.
  mutating func addBlobs() throws {
    for folder in try store.blobs.entries() where folder.kind == .directory {
      let directory = try store.blobs.directory(folder.name)
      var batch: [(Digest, Int64)] = []
      for entry in try directory.entries() {
        guard let digest = try? Digest(hex: entry.name), BlobStore.folder(digest) == folder.name,
          let status = try directory.status(entry.name), status.kind == .file
        else { continue }
        batch.append((digest, status.size))
        if batch.count == Self.batch { try addBlobs(&batch) }
      }
      try addBlobs(&batch)
    }
  }

  private mutating func addBlobs(_ batch: inout [(Digest, Int64)]) throws {
    let wrong = try index.write { transaction -> [Digest] in
      var wrong: [Digest] = []
      for (digest, bytes) in batch where try transaction.blob(digest) == nil {
        guard try transaction.isNamed(digest) else { continue }
        try transaction.putBlob(digest, bytes: bytes)
        guard let expected = try transaction.expectedBytes(of: digest), expected != bytes else { continue }
        try transaction.setDamaged(digest, true)
        wrong.append(digest)
      }
      return wrong
    }
    for digest in wrong {
      problem("blob \(digest.short) has the wrong size; `modelctl verify` says who has it")
    }
    batch = []
  }

  /// Rows of blobs that are not here: forgotten, or where something installed needs them, damage.
  mutating func checkBlobs() throws {
    var last: Digest?
    while true {
      let page = try index.read { try $0.blobs(after: last, limit: Self.batch) }
      guard let end = page.last else { break }
      let gone = try page.filter { try blobs.status($0.digest) == nil }
      let needed =
        try gone.isEmpty
        ? []
        : index.write { transaction in
          try gone.filter { blob in
            guard try transaction.isNeeded(blob.digest) else {
              try transaction.deleteBlob(blob.digest)
              return false
            }
            try transaction.setDamaged(blob.digest, true)
            return true
          }
        }
      for blob in needed { problem("blob \(blob.digest.short) is needed and not here") }
      last = end.digest
    }
    try noteMissing()
  }

  /// Installed versions whose blobs have neither file nor row.
  private mutating func noteMissing() throws {
    for record in try index.read({ try $0.installedVersions() }) {
      let missing = try index.read { transaction in
        try transaction.files(of: record.id).filter { try transaction.blob($0.digest) == nil }
      }
      guard let first = missing.first else { continue }
      try index.write { transaction in
        for file in missing {
          try transaction.putBlob(file.digest, bytes: file.bytes)
          try transaction.setDamaged(file.digest, true)
        }
      }
      problem(
        "\(first.path.text) of \(record.version) has no blob; `modelctl verify --repair` takes it from the tree"
      )
    }
  }
}
