import RegistryModel

/// One upload session from where it stands to its end.
final class UploadRun {
  enum Outcome {
    case finished(ObjectInfo)
    /// Another object has the name; nothing was made.
    case existed
    /// The session is of no more use; another one may be.
    case gone
    /// Nor would another one be.
    case refused(RegistryError)
  }

  private enum Step {
    case ended(Outcome)
    case stored(Int64)
    case failed(Setback?, RegistryError)
  }

  private let upload: Upload
  private let address: HTTPAddress
  private var run: RetryRun
  /// How many bytes the store has; nil when it has to be asked.
  private var stored: Int64?
  private var client: StorageClient { upload.client }
  private var total: Int64 { upload.source.bytes }

  init(_ upload: Upload, _ address: HTTPAddress, isResumed: Bool) {
    self.upload = upload
    self.address = address
    stored = isResumed ? nil : 0
    run = RetryRun(upload.client.retry, upload.client.clock)
  }

  func run(sent: (Int64) throws -> Void) throws -> Outcome {
    var most: Int64 = -1
    while true {
      let wasQuery = stored == nil
      switch try step() {
      case .ended(let outcome): return outcome
      case .stored(let end):
        stored = end
        try sent(end)
        if end > most {
          most = end
          run.progress()
        } else if !wasQuery, !run.pause(after: .incomplete) {
          throw client.malformed(upload.action, "the store takes no bytes behind byte \(end)")
        }
      case .failed(let setback, let error):
        // Whatever went wrong, only the store knows what it has.
        stored = nil
        guard let setback, run.pause(after: setback) else { throw error }
      }
    }
  }

  /// Sends the next chunk; or asks, where it isn't known what the store has, or where it has everything and is to make
  /// the object.
  private func step() throws -> Step {
    let chunk = stored.flatMap { $0 < total ? $0..<min($0 + client.uploads.chunkBytes, total) : nil }
    let request = try request(chunk)
    let response: HTTPResponse
    do throws(HTTPFailure) { response = try client.attempt(request) } catch {
      if case .local(let inner) = error { throw inner }
      return .failed(Setback(error), error.asRegistryError(upload.action))
    }
    switch UploadAnswer(response) {
    case .finished:
      let json = try client.document(response, upload.action)
      return .ended(.finished(try client.info(json, of: upload.name, upload.action)))
    case .existed: return .ended(.existed)
    case .gone: return .ended(.gone)
    case .stored(let end):
      guard end <= chunk?.upperBound ?? total else { return .ended(.refused(lost(end))) }
      return try isOurs(end, response) ? .stored(end) : .ended(.gone)
    case .other:
      let problem = client.problem(response, upload.action)
      // A session that was refused for what it holds would be refused again.
      if response.status == 400 { return .ended(.refused(problem)) }
      return .failed(Setback(response, client.clock), problem)
    case .malformed: throw client.malformed(upload.action, "the store doesn't say what it has")
    }
  }

  private func request(_ chunk: Range<Int64>?) throws -> HTTPRequest {
    var request = HTTPRequest(.put, address)
    var end = stored
    if let chunk {
      let (checksum, source) = (upload.checksum, upload.source)
      end = chunk.upperBound
      checksum.begin()
      request.headers.set("Content-Range", "bytes \(chunk.lowerBound)-\(chunk.upperBound - 1)/\(total)")
      request.body = .stream(
        HTTPBodyStream(bytes: Int64(chunk.count)) { offset, buffer in
          let count = try source.read(at: chunk.lowerBound + offset, into: buffer)
          let piece = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count])
          checksum.take(piece, at: chunk.lowerBound + offset)
          return count
        })
    } else {
      request.headers.set("Content-Range", "bytes */\(total)")
    }
    if let end, end == total {
      // Only the request that makes the object may have it. That of other chunks is computed as they are sent.
      let value = try upload.checksum.value(before: end)
      request.headers.set("X-Goog-Hash", "crc32c=\(ObjectChecksum.text(value))")
    }
    return request
  }

  /// Whether what the store has is the beginning of these very bytes, as far as it tells.
  private func isOurs(_ end: Int64, _ response: HTTPResponse) throws -> Bool {
    guard let theirs = ObjectChecksum.value(in: response.headers, "x-goog-running-hash") else { return true }
    return try theirs == upload.checksum.value(before: end)
  }

  private func lost(_ end: Int64) -> RegistryError {
    RegistryError(
      .integrity, "can't \(upload.action): the store says it has \(end) bytes, more than were sent",
      hint: "run it again, with a new upload")
  }
}
