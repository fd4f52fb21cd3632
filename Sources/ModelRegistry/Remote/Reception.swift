import DurableFiles
import RegistryModel

/// Brings an object's bytes into a file that may hold a part of them from an earlier run, and checks the whole.
///
/// State is what lies on the disk: what is there is hashed again and gone on behind, pinned to the object's generation. It is
/// only believed at the end, when the digest of all bytes is the right one.
struct Reception {
  let registry: Registry
  let remote: any ObjectStore
  let meter: ProgressMeter
  /// What is brought, for messages.
  let label: String

  /// Takes the file to its end. Where a part from an earlier run makes a whole that is wrong, once more from the beginning.
  func complete(_ file: GrowingFile, with info: ObjectInfo, _ digest: Digest) throws {
    var sum = try Sum(of: file, atMost: info.bytes, meter)
    let resumed = sum.bytes
    if resumed > 0 { try meter.add(resumed) }
    try receive(info, file, &sum)
    if try sum.digest() == digest { return }
    if resumed > 0 {
      try meter.add(-sum.bytes)
      try file.clear()
      sum = try Sum()
      try receive(info, file, &sum)
      if try sum.digest() == digest { return }
    }
    try file.clear()
    let wire = info.crc32c.map { $0 == sum.crc32c.value }
    throw RegistryError(
      .integrity,
      wire == false
        ? "\(label) was damaged on its way from \(remote.uri)"
        : "the bytes that \(remote.uri) has for \(label) don't match its digest",
      unchanged: "nothing was installed, and what was fetched is thrown away",
      hint: wire == false
        ? "run the command again; if it repeats, look at the network or a proxy in between"
        : "remove the object there, and push the version again from where it was made")
  }

  private func receive(_ info: ObjectInfo, _ file: GrowingFile, _ sum: inout Sum) throws {
    let writebackBytes: Int64 = 8 << 20
    var started = sum.bytes
    guard sum.bytes < info.bytes else { return }
    try registry.requireRoom(bytes: info.bytes - sum.bytes, files: 2)
    try remote.read(info, from: sum.bytes) { piece in
      guard sum.bytes + Int64(piece.count) <= info.bytes else {
        throw RegistryError(
          .integrity, "\(remote.uri) sends more of \(info.name.text) than it has",
          hint: "run the command again")
      }
      try file.write(piece, at: sum.bytes)
      try sum.update(piece)
      try meter.add(Int64(piece.count))
      if sum.bytes - started >= writebackBytes {
        file.startWriteback(from: started, count: sum.bytes - started)
        started = sum.bytes
      }
    }
    guard sum.bytes == info.bytes else {
      throw RegistryError(
        .remote, "\(remote.uri) sent \(sum.bytes) of the \(info.bytes) bytes of \(info.name.text)",
        unchanged: "what was fetched is kept", hint: "run the command again: it goes on from there")
    }
  }

  /// What was received so far: both sums of it.
  private struct Sum {
    private(set) var bytes: Int64 = 0
    private(set) var crc32c = CRC32C()
    private let hash: SHA256

    init() throws { hash = try SHA256() }

    /// Of what an earlier run left; of nothing where it is longer than it can be.
    init(of file: GrowingFile, atMost limit: Int64, _ meter: ProgressMeter) throws {
      try self.init()
      guard try file.status().size <= limit else {
        try file.clear()
        return
      }
      let buffer = ReadableFile.alignedBuffer(byteCount: BlobStore.chunkBytes)
      defer { buffer.deallocate() }
      while true {
        let count = try file.read(at: bytes, into: buffer)
        if count == 0 { return }
        try update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        try meter.check()
      }
    }

    mutating func update(_ piece: UnsafeRawBufferPointer) throws {
      try hash.update(piece)
      crc32c.update(piece)
      bytes += Int64(piece.count)
    }

    func digest() throws -> Digest { try hash.finish() }
  }
}
