import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import RegistryModel

/// Puts answers on the wire.
extension RegistryResponder {
  /// Pieces in which files are read and sent.
  private static let pieceBytes = 256 << 10

  func finish(_ answer: APIResponse, _ exchange: Exchange, _ context: Context) -> Hummingbird.Response {
    var headers = answer.headers
    headers[.requestID] = exchange.id
    if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
    for (name, value) in Self.protection where headers[name] == nil { headers[name] = value }
    note(answer, exchange)
    let body = self.body(answer.body, &headers, context, exchange.isWelcome)
    guard exchange.method == "HEAD" else {
      return Hummingbird.Response(status: answer.status, headers: headers, body: body)
    }
    if let length = body.contentLength { headers[.contentLength] = "\(length)" }
    return Hummingbird.Response(status: answer.status, headers: headers, body: ResponseBody())
  }

  /// What every answer says to browsers: nothing is loaded from elsewhere, framed, guessed or told to others.
  private static let protection: [(HTTPTypes.HTTPField.Name, String)] = [
    (
      .contentSecurityPolicy,
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    (.xContentTypeOptions, "nosniff"), (.referrerPolicy, "no-referrer"),
    (.crossOriginResourcePolicy, "same-origin"),
  ]

  /// Reading is what a service does all day: it is told of where that is asked for. Changes and failures always are.
  private func note(_ answer: APIResponse, _ exchange: Exchange) {
    core.counters.count(exchange.route, answer.status.code)
    let isRead = exchange.method == "GET" || exchange.method == "HEAD"
    let level: Logger.Level = answer.status.code >= 500 ? .warning : isRead ? .debug : .info
    log.log(
      level: level, "request",
      metadata: [
        "method": "\(exchange.method)", "path": "\(exchange.path.printable)", "route": "\(exchange.route)",
        "status": "\(answer.status.code)", "seconds": "\(exchange.seconds)",
        "by": "\(exchange.caller.name)", "request_id": "\(exchange.id)",
      ])
  }

  private func body(
    _ body: APIResponse.Body, _ headers: inout HTTPFields, _ context: Context,
    _ isWelcome: @escaping @Sendable () -> Bool
  ) -> ResponseBody {
    switch body {
    case .none: return ResponseBody()
    case .bytes(let bytes, let type):
      headers[.contentType] = type
      return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
    case .file(let part):
      return ResponseBody(contentLength: Int(part.range.upperBound - part.range.lowerBound)) { writer in
        try await send(part, to: &writer, context.channel)
        try await writer.finish(nil)
      }
    case .events(let feed):
      headers[.contentType] = "text/event-stream"
      headers[.accelBuffering] = "no"
      return ResponseBody { writer in
        try await send(feed, to: &writer, context.channel, while: isWelcome)
        try await writer.finish(nil)
      }
    }
  }

  /// Reads the next piece while one is sent, and no more: memory doesn't grow with the file. A reader that takes no byte
  /// for as long as a connection may lie idle is given up.
  private func send(
    _ part: FileBody, to writer: inout any ResponseBodyWriter, _ channel: any Channel
  ) async throws {
    var position = part.range.lowerBound
    var next = try await piece(of: part, at: position)
    while next.readableBytes > 0 {
      let current = next
      position += Int64(current.readableBytes)
      let at = position
      async let following = piece(of: part, at: at)
      try await deadline(channel) { try await writer.write(current) }
      next = try await following
    }
    guard position == part.range.upperBound else {
      throw RegistryError(.integrity, "a file is shorter than its length", hint: "run `modelctl verify`")
    }
  }

  private func piece(of part: FileBody, at position: Int64) async throws -> ByteBuffer {
    let count = Int(min(Int64(Self.pieceBytes), part.range.upperBound - position))
    guard count > 0 else { return ByteBuffer() }
    return try await threads.runIfActive {
      var buffer = ByteBufferAllocator().buffer(capacity: count)
      try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
        try part.file.read(at: position, into: UnsafeMutableRawBufferPointer(rebasing: space[..<count]))
      }
      return buffer
    }
  }

  /// Beats come now and then among the events, so that both sides notice when the other has gone. It ends where the
  /// listener isn't welcome any more: his token was revoked, or he signed out.
  private func send(
    _ feed: EventFeed, to writer: inout any ResponseBodyWriter, _ channel: any Channel,
    while isWelcome: @Sendable () -> Bool
  ) async throws {
    try await writer.write(ByteBuffer(string: "retry: 3000\n\n"))
    for await event in feed.stream {
      if event.isBeat { guard isWelcome() else { return } }
      try await deadline(channel) { try await writer.write(ByteBuffer(string: event.text)) }
    }
  }

  private func deadline(_ channel: any Channel, _ write: () async throws -> Void) async throws {
    let timer = channel.eventLoop.scheduleTask(in: .seconds(limits.idleSeconds)) {
      channel.close(promise: nil)
    }
    defer { timer.cancel() }
    try await write()
  }
}
