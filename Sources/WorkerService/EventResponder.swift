import Hummingbird
import NIOCore
import NIOPosix

/// Brings a request in whole, within its limits, and has it answered on a thread that may block.
struct EventResponder: HTTPResponder {
  /// What a connection gives a request.
  struct Context: InitializableFromSource {
    typealias Source = ApplicationRequestContextSource
    let channel: any Channel
    init(source: ApplicationRequestContextSource) { channel = source.channel }
  }

  let limits: ServerLimits
  let threads: NIOThreadPool
  let answer: WorkerServer.Answer

  func respond(to request: Request, context: Context) async throws -> Response {
    switch (request.method, request.uri.path) {
    case (.post, _): return try await take(request, context)
    case (.get, "/healthz"): return response(ServerAnswer(200, "ok"))
    case (.get, _), (.head, _): return response(ServerAnswer(404, "events are posted here"))
    default: return response(ServerAnswer(405, "events are posted here"))
    }
  }

  private func take(_ request: Request, _ context: Context) async throws -> Response {
    let length = request.headers[.contentLength].flatMap { Int64($0) } ?? 0
    guard length <= limits.bodyBytes else { return refused(413, context) }
    let deadline = context.channel.eventLoop.scheduleTask(in: .seconds(limits.bodySeconds)) {
      context.channel.close(mode: .input, promise: nil)
    }
    let buffer: ByteBuffer
    do {
      buffer = try await request.body.collect(upTo: limits.bodyBytes)
      deadline.cancel()
    } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
      deadline.cancel()
      return refused(413, context)
    } catch {
      deadline.cancel()
      throw error
    }
    let taken = ServerRequest(
      headers: request.headers.map { ($0.name.canonicalName, $0.value) },
      body: Array(buffer.readableBytesView))
    return response(try await threads.runIfActive { answer(taken) })
  }

  /// What else comes of it is not waited for: the connection ends a moment after the answer.
  private func refused(_ status: Int, _ context: Context) -> Response {
    let channel = context.channel
    channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
    return response(ServerAnswer(status, "a request has at most \(limits.bodyBytes) bytes"))
  }

  private func response(_ answer: ServerAnswer) -> Response {
    var headers = HTTPFields()
    if let seconds = answer.retryAfterSeconds { headers[.retryAfter] = "\(seconds)" }
    let hasText = answer.status != 204
    if hasText { headers[.contentType] = "text/plain; charset=utf-8" }
    return Response(
      status: HTTPResponse.Status(code: answer.status), headers: headers,
      body: hasText ? ResponseBody(byteBuffer: ByteBuffer(string: answer.text + "\n")) : ResponseBody())
  }
}
