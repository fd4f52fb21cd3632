import RegistryModel

/// One large object on its way up, in chunks, through an upload session.
///
/// What the store has is what it says, never what was sent: after every answer without a clear result it is asked, and
/// the upload goes on from there. Used by one thread.
final class Upload {
  /// How many sessions may be lost before the upload is given up.
  static let maximumSessions = 5

  let client: StorageClient
  let name: RelativePath
  let source: any ObjectSource
  let action: String
  let checksum: SourceChecksum
  private let metadata: [String: String]
  /// What its session is kept under; nil where it isn't kept.
  private var key: UploadKey?
  /// The most that the store ever had.
  private var reported: Int64 = 0

  init(
    _ client: StorageClient, _ name: RelativePath, _ source: any ObjectSource, _ metadata: [String: String],
    _ action: String
  ) {
    self.client = client
    self.name = name
    self.source = source
    self.metadata = metadata
    self.action = action
    checksum = SourceChecksum(source)
    key = source.identity.map { UploadKey(object: client.label(name), content: $0, bytes: source.bytes) }
  }

  /// Brings all bytes up; what was made, nil when something was there already.
  func run(sent: (Int64) throws -> Void) throws -> ObjectInfo? {
    let hold = try key.flatMap { key throws(RegistryError) in try client.sessions?.hold(key) }
    defer { hold?.release() }
    // Somebody else sends the same bytes to the same name just now: he has the session, and this one isn't kept.
    if hold == nil { key = nil }
    var kept = try keptSession()
    for _ in 0..<Self.maximumSessions {
      let isResumed = kept != nil
      guard let address = try kept ?? start() else { return nil }
      kept = nil
      switch try UploadRun(self, address, isResumed: isResumed).run(sent: { try report($0, sent) }) {
      case .finished(let info):
        try forget()
        try client.check(
          info, bytes: source.bytes, crc32c: checksum.value(before: source.bytes), action)
        try report(source.bytes, sent)
        return info
      case .existed:
        try forget()
        return nil
      case .gone: try forget()
      case .refused(let error):
        try forget()
        throw error
      }
    }
    throw client.malformed(action, "the store dropped \(Self.maximumSessions) upload sessions")
  }

  /// A session of an earlier run, for the same object and content.
  private func keptSession() throws(RegistryError) -> HTTPAddress? {
    guard let key, let session = try client.sessions?.session(for: key) else { return nil }
    if let address = client.endpoint.session(session.address) { return address }
    try forget()
    return nil
  }

  /// Begins a session and keeps it; nil when the object is there already.
  private func start() throws(RegistryError) -> HTTPAddress? {
    let query = [
      ("uploadType", "resumable"), ("name", client.location.objectName(name.text)),
      ("ifGenerationMatch", "0"),
    ]
    let resource = client.resource(of: name, metadata, crc32c: nil)
    var request = HTTPRequest(
      .post, try client.endpoint.upload(client.location.bucket, query), body: .bytes(resource.canonicalBytes))
    request.headers.set("Content-Type", "application/json; charset=UTF-8")
    request.headers.set("X-Upload-Content-Type", MultipartBody.contentType)
    request.headers.set("X-Upload-Content-Length", "\(source.bytes)")
    let response = try client.call(request, action).response
    switch response.status {
    case 200, 201:
      let location = response.headers["Location"]
      guard let address = client.endpoint.session(location) else {
        throw client.malformed(action, "the store names no upload session of its own")
      }
      if let key, let location {
        let session = UploadSession(address: location, startedAt: client.clock.date())
        try client.sessions?.keep(session, for: key)
      }
      return address
    case 412: return nil
    default: throw client.problem(response, action)
    }
  }

  private func forget() throws(RegistryError) {
    if let key { try client.sessions?.forget(key) }
  }

  private func report(_ stored: Int64, _ sent: (Int64) throws -> Void) rethrows {
    guard stored > reported else { return }
    let fresh = stored - reported
    reported = stored
    try sent(fresh)
  }
}
