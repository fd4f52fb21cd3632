import CLibCurl
import RegistryModel

/// What libcurl's callbacks work on while one request is under way.
///
/// Callbacks run on the thread that performs the transfer. An error inside one is kept here, stops the transfer, and is
/// thrown when libcurl has returned.
final class Transfer {
  /// The most bytes of all headers of an answer.
  static let headerLimitBytes = 64 << 10

  private let request: HTTPRequest
  private let cancellation: Cancellation
  private let traffic: TrafficCounter
  private let accept: (HTTPResponse) throws -> Bool
  private let sink: (UnsafeRawBufferPointer) throws -> Void

  private(set) var failure: HTTPFailure?
  private var status = 0
  /// Whether the empty line came that ends an answer's head: libcurl takes a head that breaks off for a whole one.
  private var isHeadComplete = false
  private var headers = HTTPHeaders()
  private var headerBytes = 0
  private var sent: Int64 = 0
  /// Whether the body goes into the sink; nil until its first byte.
  private var isAccepted: Bool?
  private var body: [UInt8] = []

  init(
    _ request: HTTPRequest, cancellation: Cancellation, traffic: TrafficCounter,
    accept: @escaping (HTTPResponse) throws -> Bool, sink: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) {
    self.request = request
    self.cancellation = cancellation
    self.traffic = traffic
    self.accept = accept
    self.sink = sink
  }

  var isCancelled: Bool { cancellation.isCancelled }

  /// The answer, when libcurl is done; nil where there was none, or not all of its head.
  func finish() throws(HTTPFailure) -> HTTPResponse? {
    guard status > 0, isHeadComplete else { return nil }
    _ = try decision()
    return HTTPResponse(status: status, headers: headers, body: body)
  }

  /// Takes a line of the answer's head; false stops the transfer.
  func take(header line: UnsafeRawBufferPointer) -> Bool {
    traffic.count(in: line.count)
    headerBytes += line.count
    guard headerBytes <= Self.headerLimitBytes else {
      failure = .tooLarge(limitBytes: Self.headerLimitBytes, host: request.address.host)
      return false
    }
    // What comes behind the body is no header.
    guard isAccepted == nil else { return true }
    let text = String(decoding: line, as: UTF8.self)
    if text.hasPrefix("HTTP/") {
      // An interim answer, such as 100, has a head of its own.
      headers = HTTPHeaders()
      isHeadComplete = false
      let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
      status = parts.count > 1 ? Int(parts[1].trimmedASCII) ?? 0 : 0
    } else if text.trimmedASCII.isEmpty {
      isHeadComplete = status >= 200
    } else {
      headers.take(line: text)
    }
    return true
  }

  /// Takes a piece of the answer's body; false stops the transfer.
  func take(body piece: UnsafeRawBufferPointer) -> Bool {
    traffic.count(in: piece.count)
    do throws(HTTPFailure) {
      if try decision() {
        do { try sink(piece) } catch { throw .local(error) }
      } else {
        guard body.count + piece.count <= request.answerLimitBytes else {
          throw .tooLarge(limitBytes: request.answerLimitBytes, host: request.address.host)
        }
        body += piece
      }
      return true
    } catch {
      failure = error
      return false
    }
  }

  /// Gives the next piece of the request's body, 0 bytes at its end; nil stops the transfer.
  func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
    let rest = request.body.bytes - sent
    guard rest > 0 else { return 0 }
    let room = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(Int(min(rest, Int64(buffer.count)))))
    do {
      let count = try read(into: room)
      guard count > 0 else {
        throw RegistryError(
          .integrity, "what is being sent became shorter", hint: "run it again when nothing changes the file")
      }
      sent += Int64(count)
      traffic.count(out: count)
      return count
    } catch {
      failure = .local(error)
      return nil
    }
  }

  private func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    switch request.body {
    case .none: return 0
    case .bytes(let bytes):
      let piece = bytes[Int(sent)...].prefix(buffer.count)
      buffer.copyBytes(from: piece)
      return piece.count
    case .stream(let stream): return try stream.read(sent, buffer)
    }
  }

  private func decision() throws(HTTPFailure) -> Bool {
    if let isAccepted { return isAccepted }
    let answer: Bool
    do { answer = try accept(HTTPResponse(status: status, headers: headers)) } catch { throw .local(error) }
    isAccepted = answer
    return answer
  }
}
