import Foundation
import Glibc
import Synchronization
import Testing

/// A server on this machine that answers as a test says, byte for byte, faults included.
final class ScriptedServer: Sendable {
  struct Request: Sendable {
    let method: String
    /// Path and query, as sent.
    let target: String
    /// Names in lower case.
    let headers: [String: String]
    var body: [UInt8] = []

    var path: String { String(target.prefix { $0 != "?" }) }
    func query(_ name: String) -> String? {
      let fields = target.drop { $0 != "?" }.dropFirst().split(separator: "&")
      return fields.first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
    }
  }

  let port: Int
  private let listener: Int32
  private let seen = Mutex<[Request]>([])
  private let opened = Atomic(0)
  private let readsBodies: Bool
  private let handle: @Sendable (Int, Request, Exchange) -> Void

  /// - Parameters:
  ///   - readsBodies: whether `handle` reads the requests' bodies from the exchange.
  ///   - handle: answers request number 0, 1, …; the connection is closed when it hung up.
  init(
    readsBodies: Bool = false,
    _ handle: @escaping @Sendable (_ number: Int, _ request: Request, _ exchange: Exchange) -> Void
  ) throws {
    self.readsBodies = readsBodies
    self.handle = handle
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = listener
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0
          && getsockname(descriptor, $0, &length) == 0
      }
    }
    try #require(isBound)
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread { [self] in acceptAll() }
  }

  var base: String { "http://127.0.0.1:\(port)" }
  var requests: [Request] { seen.withLock { $0 } }
  var connections: Int { opened.load(ordering: .relaxed) }

  /// No further connection is taken.
  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func acceptAll() {
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { break }
      opened.add(1, ordering: .relaxed)
      Thread.detachNewThread { [self] in serve(connection) }
    }
    close(listener)
  }

  private func serve(_ connection: Int32) {
    let exchange = Exchange(connection)
    defer { close(connection) }
    while !exchange.isOver, var request = exchange.next() {
      // A test that breaks off in the middle of a body reads it itself.
      if !readsBodies { request.body = exchange.body() }
      let number = seen.withLock {
        $0.append(request)
        return $0.count - 1
      }
      handle(number, request, exchange)
    }
  }
}

/// One connection, in the hands of the thread that serves it.
final class Exchange: @unchecked Sendable {
  private let connection: Int32
  private var input: [UInt8] = []
  private var bodyRest = 0
  private(set) var isOver = false

  init(_ connection: Int32) { self.connection = connection }

  func next() -> ScriptedServer.Request? {
    _ = body()
    while true {
      if let end = input.firstRange(of: Array("\r\n\r\n".utf8)) {
        let head = String(decoding: input[..<end.lowerBound], as: UTF8.self)
        input.removeSubrange(..<end.upperBound)
        return parse(head)
      }
      guard fill() else { return nil }
    }
  }

  private func parse(_ head: String) -> ScriptedServer.Request? {
    let lines = head.components(separatedBy: "\r\n")
    let parts = lines[0].split(separator: " ")
    guard parts.count == 3 else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { return nil }
      headers[line[..<colon].lowercased()] =
        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    bodyRest = headers["content-length"].flatMap { Int($0) } ?? 0
    return ScriptedServer.Request(method: String(parts[0]), target: String(parts[1]), headers: headers)
  }

  /// The rest of the request's body, or its next bytes.
  func body(limit: Int = .max) -> [UInt8] {
    var result: [UInt8] = []
    while bodyRest > 0, result.count < limit {
      if input.isEmpty, !fill() { break }
      let piece = input.prefix(min(bodyRest, limit - result.count))
      result += piece
      bodyRest -= piece.count
      input.removeFirst(piece.count)
    }
    return result
  }

  private func fill() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(connection, &buffer, buffer.count, 0)
    guard count > 0 else { return false }
    input += buffer.prefix(count)
    return true
  }

  /// Sends bytes as they are; false when the other side is gone.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  func reply(
    _ status: Int, _ headers: [(String, String)] = [], _ body: [UInt8] = [], length: Int? = nil
  ) {
    var head = "HTTP/1.1 \(status) Answer\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    if status != 204 { head += "Content-Length: \(length ?? body.count)\r\n" }
    send(Array((head + "\r\n").utf8) + body)
  }

  func reply(_ status: Int, json: String, _ headers: [(String, String)] = []) {
    reply(status, headers + [("Content-Type", "application/json; charset=UTF-8")], Array(json.utf8))
  }

  /// Ends the connection behind what was sent.
  func hangUp() {
    isOver = true
    shutdown(connection, Int32(SHUT_RDWR))
  }

  /// Says nothing until the other side is gone.
  func stall() {
    var byte: UInt8 = 0
    while recv(connection, &byte, 1, 0) > 0 {}
    isOver = true
  }
}
