import RegistryModel

extension Storage {
  /// Opens a session. A precondition that is false already is refused here, and checked again at the end.
  mutating func startSession(_ bucketName: String, _ call: Call) throws(APIError) -> Reply {
    _ = try bucket(bucketName)
    let headers = call.request.headers
    var draft = try InsertDraft(bucketName, call.query, resource: try Self.json(call.request.body))
    if let type = headers["X-Upload-Content-Type"] {
      if let stated = draft.attributes.contentType, stated != type {
        throw .invalid(
          "Content-Type specified in the upload (\(type)) does not match Content-Type specified in metadata "
            + "(\(stated)).")
      }
      draft.attributes.contentType = type
    }
    if draft.attributes.contentType == nil { draft.attributes.contentType = "application/octet-stream" }
    try draft.claims.add(headers)
    var total: Int64?
    if let text = headers["X-Upload-Content-Length"] {
      guard let number = Decimal.parse(text) else {
        throw .invalid("Invalid X-Upload-Content-Length: \(text)")
      }
      total = number
    }
    try draft.preconditions.check(change: try bucket(bucketName)[draft.location.name])
    let fields = try Self.mask(call.query, known: ObjectAttributes.allKeys)
    let id = newID()
    sessions[id] = UploadSession(
      draft: draft, total: total, startedMicroseconds: call.nowMicroseconds,
      store: ByteStore(spool: options.spool, hasMD5: options.keepsMD5), fields: fields)
    let name = PercentEncoding.encode(draft.location.name.bytes)
    let location =
      "\(call.baseURL)/upload/storage/v1/b/\(bucketName)/o?uploadType=resumable&name=\(name)&upload_id=\(id)"
    return .text(200, "", [("Location", location), ("X-GUploader-UploadID", id)])
  }

  mutating func deleteSession(_ bucketName: String, _ id: String, _ call: Call) throws(APIError) -> Reply {
    guard var session = sessions[id], session.draft.location.bucket == bucketName else {
      return Self.noSession(nil, call)
    }
    guard case .open = session.status else { return Self.noSession(session, call) }
    session.status = .gone
    sessions[id] = session
    return .text(499, "")
  }

  /// Takes bytes, or tells how many there are.
  mutating func putSession(_ bucketName: String, _ id: String, _ call: Call) throws(APIError) -> Reply {
    guard let session = sessions[id], session.draft.location.bucket == bucketName,
      call.nowMicroseconds - session.startedMicroseconds < UploadSession.lifeMicroseconds
    else { return Self.noSession(nil, call) }
    switch session.status {
    case .gone: return Self.noSession(session, call)
    // Whatever is sent after the end, the answer is what is stored.
    case .finished(let object): return Self.finished(object, session, call)
    case .open: break
    }
    guard let header = call.request.headers["Content-Range"] else {
      let total = call.request.isBodyComplete ? call.request.body.count : nil
      return try take(id, session, from: 0, count: total, total: total, call)
    }
    guard let range = ContentRange(parsing: header) else {
      return Self.refusal("Failed to parse Content-Range header: \(header)")
    }
    if let bytes = range.bytes {
      return try take(
        id, session, from: bytes.lowerBound, count: Int64(bytes.count), total: range.total, call)
    }
    guard call.request.body.count == 0 else {
      return Self.refusal("A request for the state of an upload must have no body.")
    }
    if let total = range.total, total == session.store.count { return try finish(id, session, call) }
    return try incomplete(session, call)
  }

  private mutating func take(
    _ id: String, _ session: UploadSession, from first: Int64, count: Int64?, total: Int64?, _ call: Call
  ) throws(APIError) -> Reply {
    var session = session
    let body = call.request.body
    let stored = session.store.count
    guard first <= stored else {
      return .text(
        503,
        "Invalid request.  According to the Content-Range header, the upload offset is \(first) byte(s), which "
          + "exceeds already uploaded size of \(stored) byte(s).")
    }
    if let known = session.total, let total, known != total {
      return Self.refusal("The total size \(total) is another than the \(known) bytes that were announced.")
    }
    let isComplete = call.request.isBodyComplete
    if let count, isComplete ? body.count != count : body.count > count {
      return Self.refusal(
        "The Content-Range header announces \(count) byte(s), and the body has \(body.count).")
    }
    let isLast = isComplete && total != nil && total == count.map { first + $0 }
    if isComplete, !isLast, body.count < UploadSession.alignmentBytes {
      return Self.refusal(
        "The number of bytes uploaded is required to be equal or greater than 262144, except for the final "
          + "request (it's recommended to be the exact multiple of 262144).  The received request contained "
          + "\(body.count) bytes, which does not meet this requirement.")
    }
    if let total { session.total = total }
    // What is there already is not taken again, even where it differs.
    let known = stored - first
    if known < body.count {
      if stored == 0 {
        session.store = body
      } else {
        let store = session.store
        try Self.spooling { try store.append(body, known..<body.count) }
      }
    }
    if !isLast {
      let store = session.store
      try Self.spooling { try store.truncate(to: max(stored, UploadSession.alignedDown(store.count))) }
    }
    sessions[id] = session
    return isLast ? try finish(id, session, call) : try incomplete(session, call)
  }

  private mutating func finish(_ id: String, _ session: UploadSession, _ call: Call) throws(APIError) -> Reply
  {
    var session = session
    if let total = session.total, total != session.store.count {
      return Self.refusal(
        "The upload has \(session.store.count) byte(s), and \(total) byte(s) were announced.")
    }
    var draft = session.draft
    try draft.claims.add(call.request.headers)
    do throws(APIError) {
      let object = try insert(draft, session.store, call)
      session.status = .finished(object)
      sessions[id] = session
      return Self.finished(object, session, call)
    } catch {
      // Bytes that are not what they should be can't become so; a precondition can become true again.
      if error.status == 400 {
        session.status = .gone
        sessions[id] = session
      }
      throw error
    }
  }

  private static func finished(_ object: StoredObject, _ session: UploadSession, _ call: Call) -> Reply {
    let value = object.resource(call.baseURL)
    return .json(200, session.fields?.apply(to: value) ?? value, [("ETag", object.etag)])
  }

  /// 308, with the checksums of what is kept; no `Range` where that is nothing.
  private func incomplete(_ session: UploadSession, _ call: Call) throws(APIError) -> Reply {
    let store = session.store
    var headers: [(String, String)] = []
    if store.count > 0 {
      let sums = try Self.spooling { try store.checksums() }
      headers.append(("Range", "bytes=0-\(store.count - 1)"))
      headers.append(("X-Goog-Running-Hash", "crc32c=\(Base64.encode(bigEndian: sums.crc32c))"))
      if let md5 = sums.md5 {
        headers.append(("X-Range-MD5", md5.map { Self.hex($0) }.joined()))
      }
    }
    guard call.request.headers["X-GUploader-No-308"]?.lowercased() == "yes" else {
      return .text(308, "", headers)
    }
    return .text(200, "", headers + [("X-HTTP-Status-Code-Override", "308")])
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  private static func refusal(_ message: String) -> Reply { .text(400, "Invalid request.  \(message)") }

  /// 410 for a session that was there within a week, 404 for all others.
  private static func noSession(_ session: UploadSession?, _ call: Call) -> Reply {
    if let session, call.nowMicroseconds - session.startedMicroseconds < UploadSession.lifeMicroseconds {
      return .text(410, "Gone")
    }
    return .text(404, "Not Found")
  }
}
