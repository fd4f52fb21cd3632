import NIOCore
import NIOHTTP1

/// One connection: gathers a request, has it answered, and sends the answer no faster than the client reads.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// A request whose body is arriving.
  private struct Incoming {
    var request: Request
    let kind: RequestKind
    let fault: Fault.Action?
    let record: Int
    let keepsAlive: Bool
    /// Whether the rest of the body is ignored.
    var isDeaf = false
  }

  private let cloud: Cloud
  private let faults: FaultScript
  private let log: RequestLog
  private let connection: Int
  private var incoming: Incoming?
  private var delivery: Delivery?
  private var isSending = false

  init(cloud: Cloud, faults: FaultScript, log: RequestLog) {
    self.cloud = cloud
    self.faults = faults
    self.log = log
    connection = log.nextConnection()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): begin(head, context)
    case .body(let buffer): receive(buffer, context)
    case .end: finish(context)
    }
  }

  /// The client went away: what arrived of a body counts as broken.
  func channelInactive(context: ChannelHandlerContext) {
    delivery = nil
    if let broken = incoming { breakOff(broken) }
    incoming = nil
    context.fireChannelInactive()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    send(context)
    context.fireChannelWritabilityChanged()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let headers = Headers(head.headers.map { ($0.name, $0.value) })
    let contentRange = headers["Content-Range"]
    // Bytes from the start become the object's as they are; others are copied behind what a session has.
    let isFirst = contentRange.map { $0.hasPrefix("bytes 0-") } ?? true
    let body = cloud.storage.newBody(hashesOnArrival: isFirst)
    guard
      let request = Request(method: head.method.rawValue, target: head.uri, headers: headers, body: body)
    else {
      refuse(context)
      return
    }
    let kind = RequestKind(request)
    let fault = faults.take(request, kind)
    let record = log.begin(
      RequestRecord(
        kind: kind, method: request.method, target: request.target, range: headers["Range"],
        contentRange: contentRange, userAgent: headers["User-Agent"], connection: connection, fault: fault))
    incoming = Incoming(
      request: request, kind: kind, fault: fault, record: record, keepsAlive: head.isKeepAlive)
    if headers["Expect"]?.lowercased() == "100-continue" {
      context.writeAndFlush(
        wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
    }
  }

  private func receive(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
    guard var current = incoming, !current.isDeaf else { return }
    var buffer = buffer
    let before = current.request.body.count
    log.update(current.record) { $0.receivedBytes += Int64(buffer.readableBytes) }
    if case .corruptRequest(let offset) = current.fault {
      let index = buffer.readerIndex + Int(offset - before)
      if offset >= before, let byte: UInt8 = buffer.getInteger(at: index) {
        buffer.setInteger(byte ^ 0xff, at: index)
      }
    }
    var isFull = false
    if let limit = current.fault?.requestLimit {
      let room = Int(max(0, limit - before))
      isFull = buffer.readableBytes >= room
      buffer = buffer.getSlice(at: buffer.readerIndex, length: min(room, buffer.readableBytes)) ?? buffer
    }
    do {
      try buffer.withUnsafeReadableBytes { try current.request.body.append($0) }
    } catch {
      context.close(promise: nil)
      return
    }
    if isFull { reachLimit(&current, context) } else { incoming = current }
  }

  /// As much of the body as the fault lets in is here.
  private func reachLimit(_ current: inout Incoming, _ context: ChannelHandlerContext) {
    switch current.fault {
    case .closeRequest:
      breakOff(current)
      incoming = nil
      context.close(promise: nil)
    case .stallRequest:
      current.isDeaf = true
      incoming = current
      context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
    default:
      current.isDeaf = true
      incoming = current
    }
  }

  private func finish(_ context: ChannelHandlerContext) {
    guard var current = incoming else { return }
    switch current.fault {
    case .closeRequest:
      reachLimit(&current, context)
      return
    case .stallRequest: return
    case .storePart: current.request.isBodyComplete = false
    default: break
    }
    incoming = nil
    guard case .delay(let milliseconds) = current.fault else {
      respond(current, context)
      return
    }
    let due = current
    context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(milliseconds)) {
      if context.channel.isActive { self.respond(due, context) }
    }
  }

  private func respond(_ current: Incoming, _ context: ChannelHandlerContext) {
    var reply: Reply
    if case .answer(let answer) = current.fault {
      reply = answer.reply
    } else {
      if case .meanwhile(let deed) = current.fault { deed.happen() }
      if case .changeObject = current.fault { cloud.storage.overwriteTarget(of: current.request) }
      reply = cloud.handle(current.request, kind: current.kind)
      if case .doThenAnswer(let answer) = current.fault { reply = answer.reply }
    }
    if case .dropResponse = current.fault {
      context.close(promise: nil)
      return
    }
    log.update(current.record) { $0.status = reply.status }
    let delivery = Delivery(
      reply, record: current.record, hasBody: current.request.method != "HEAD",
      keepsAlive: current.keepsAlive, fault: current.fault)
    context.write(wrapOutboundOut(.head(Self.head(delivery))), promise: nil)
    self.delivery = delivery
    send(context)
  }

  /// Writes while the client reads; goes on when the connection becomes writable again.
  private func send(_ context: ChannelHandlerContext) {
    guard !isSending else { return }
    isSending = true
    defer { isSending = false }
    while var current = delivery, !current.isFinished {
      guard context.channel.isActive else {
        delivery = nil
        return
      }
      guard context.channel.isWritable else { return }
      guard let buffer = current.next(context.channel.allocator) else {
        delivery = nil
        context.close(promise: nil)
        return
      }
      let bytes = Int64(buffer.readableBytes)
      let record = current.record
      log.update(record) { $0.sentBytes += bytes }
      // What the kernel never took wasn't sent; of a piece that it took a part of, all counts.
      let taken = context.eventLoop.makePromise(of: Void.self)
      taken.futureResult.whenFailure { [log] _ in
        log.update(record) { record in
          if record.isBroken { record.sentBytes -= bytes }
          record.isBroken = true
        }
      }
      delivery = current
      context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: taken)
    }
    guard let done = delivery else { return }
    delivery = nil
    complete(done, context)
  }

  private func complete(_ done: Delivery, _ context: ChannelHandlerContext) {
    switch done.end {
    case .keepAlive: context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    case .stall: context.flush()
    case .close:
      // An empty write's promise is kept after those before it, so everything has left when the connection closes.
      let last: HTTPServerResponsePart =
        done.isCut ? .body(.byteBuffer(ByteBuffer())) : .end(nil)
      context.writeAndFlush(wrapOutboundOut(last)).assumeIsolated().whenComplete { _ in
        context.close(promise: nil)
      }
    }
  }

  /// An upload session keeps what arrived of a body; nothing else does.
  private func breakOff(_ current: Incoming) {
    var request = current.request
    request.isBodyComplete = false
    if current.kind == .putChunk { _ = cloud.handle(request, kind: current.kind) }
  }

  private func refuse(_ context: ChannelHandlerContext) {
    let head = HTTPResponseHead(
      version: .http1_1, status: .badRequest, headers: ["Content-Length": "0", "Connection": "close"])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
      context.close(promise: nil)
    }
  }

  private static func head(_ delivery: Delivery) -> HTTPResponseHead {
    var headers = HTTPHeaders()
    for field in delivery.reply.headers.fields { headers.add(name: field.name, value: field.value) }
    let status = delivery.reply.status
    if status != 204, status != 304, let bytes = delivery.declaredBytes {
      headers.add(name: "Content-Length", value: "\(bytes)")
    }
    if delivery.announcesClose { headers.add(name: "Connection", value: "close") }
    return HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
  }
}

extension Fault.Action {
  /// How many bytes of a request's body are let in.
  fileprivate var requestLimit: Int64? {
    switch self {
    case .closeRequest(let count), .stallRequest(let count), .storePart(let count): count
    default: nil
    }
  }
}
