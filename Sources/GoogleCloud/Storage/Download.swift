import RegistryModel

/// One object on its way down: goes on behind what came, until everything came.
///
/// Every byte is handed on once and in order. Used by one thread.
final class Download {
  private let client: StorageClient
  private let info: ObjectInfo
  private let address: HTTPAddress
  private let action: String
  private let begin: Int64
  private var position: Int64
  private var checksum = CRC32C()
  /// Whether the current answer brings bytes of the object.
  private var isAccepted = false
  /// Whether the object is stored gzipped, and the store unpacks it for whoever doesn't take that.
  private var isPacked = false
  /// How many bytes of the current answer were handed on already.
  private var skip: Int64 = 0

  init(_ client: StorageClient, _ info: ObjectInfo, _ address: HTTPAddress, from offset: Int64) {
    self.client = client
    self.info = info
    self.address = address
    action = "read \(client.label(info.name))"
    begin = offset
    position = offset
  }

  func run(into sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    var run = RetryRun(client.retry, client.clock)
    while position < info.bytes {
      let before = position
      let wasPacked = isPacked
      let outcome = try attempt(into: sink)
      if position == info.bytes { break }
      if isPacked != wasPacked { continue }
      if position > before { run.progress() }
      guard let setback = outcome.setback, run.pause(after: setback) else { throw outcome.error }
    }
    try checkWhole()
  }

  /// One answer, and why it didn't bring the rest, should it not have.
  private func attempt(
    into sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> (setback: Setback?, error: RegistryError) {
    var request = HTTPRequest(.get, address)
    if position > 0 { request.headers.set("Range", "bytes=\(position)-") }
    if isPacked { request.headers.set("Accept-Encoding", "gzip") }
    isAccepted = false
    do throws(HTTPFailure) {
      let response = try client.attempt(request, accept: accept) { try take($0, sink) }
      if isAccepted {
        return (
          .incomplete, client.malformed(action, "the answer ended at byte \(position) of \(info.bytes)")
        )
      }
      return (Setback(response, client.clock), problem(response))
    } catch {
      if case .local(let inner) = error {
        guard inner is Unpacked else { throw inner }
        return (.incomplete, client.malformed(action, "the store unpacks what it has"))
      }
      return (Setback(error), error.asRegistryError(action))
    }
  }

  /// Looks at an answer's head before its bytes are taken for the object's.
  private func accept(_ response: HTTPResponse) throws -> Bool {
    let headers = response.headers
    let stored = headers["x-goog-stored-content-encoding"]?.lowercased() ?? "identity"
    let encoding = headers["Content-Encoding"]?.lowercased() ?? "identity"
    if [200, 206].contains(response.status), stored == "gzip", encoding == "identity", !isPacked {
      // Sizes and hashes are of the stored bytes: they are asked for again, as they are.
      isPacked = true
      throw Unpacked()
    }
    switch response.status {
    case 200:
      // The whole, whatever was asked for.
      skip = position
      if let length = headers["Content-Length"], length != "\(info.bytes)" {
        throw wrong("the store sends \(length.quoted) bytes where it has \(info.bytes)")
      }
    case 206:
      skip = 0
      let range = headers["Content-Range"] ?? "nothing"
      guard range == "bytes \(position)-\(info.bytes - 1)/\(info.bytes)" else {
        throw wrong("bytes \(position)-\(info.bytes - 1) were asked for, and the answer says \(range.quoted)")
      }
    default: return false
    }
    if let generation = headers["x-goog-generation"], generation != "\(info.generation)" {
      throw wrong("the answer is of the generation \(generation.quoted), not \(info.generation)")
    }
    guard encoding == "identity" || encoding == stored else {
      throw wrong("the answer is encoded as \(encoding.quoted)")
    }
    isAccepted = true
    return true
  }

  private func take(
    _ piece: UnsafeRawBufferPointer, _ sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let skipped = Int(min(skip, Int64(piece.count)))
    skip -= Int64(skipped)
    let fresh = UnsafeRawBufferPointer(rebasing: piece.dropFirst(skipped))
    guard !fresh.isEmpty else { return }
    guard position + Int64(fresh.count) <= info.bytes else {
      throw wrong("the store sends more than the \(info.bytes) bytes that it has")
    }
    if begin == 0 { checksum.update(fresh) }
    try sink(fresh)
    position += Int64(fresh.count)
  }

  private func checkWhole() throws(RegistryError) {
    guard begin == 0, let expected = info.crc32c, expected != checksum.value else { return }
    throw wrong("the bytes have another CRC-32C than the store says")
  }

  /// The answer's bytes aren't those that are stored.
  private struct Unpacked: Error {}

  private func wrong(_ what: String) -> RegistryError {
    RegistryError(
      .integrity, "can't \(action): \(what)",
      hint: "remove the partial copy, if there is one, and run it again")
  }

  private func problem(_ response: HTTPResponse) -> RegistryError {
    guard response.status == 404 else { return client.problem(response, action) }
    return RegistryError(
      .notFound, "can't \(action): generation \(info.generation) is gone",
      hint: "run it again, to read what is there now")
  }
}
