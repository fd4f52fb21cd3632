import CloudSimulator
import Glibc

/// A connection that sends exactly what it is told and takes whatever comes.
final class RawClient {
  private let descriptor: Int32

  struct Failure: Error { let call: String }

  init(_ simulator: Simulator) throws {
    guard let port = UInt16(simulator.url.split(separator: ":").last ?? "") else {
      throw Failure(call: "url")
    }
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    // A server that never answers fails a test instead of holding it for ever.
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw Failure(call: "connect") }
  }

  deinit { close(descriptor) }

  /// Sends as much as the server takes; a connection that it closed is no failure.
  func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }

  func send(
    _ method: String, _ target: String, _ headers: [String] = [], body: [UInt8] = [], announced: Int? = nil
  ) {
    var head = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if !body.isEmpty || announced != nil { head += "Content-Length: \(announced ?? body.count)\r\n" }
    for header in headers { head += "\(header)\r\n" }
    send(Array("\(head)\r\n".utf8) + body)
  }

  /// At most so many bytes; none at the end or after a reset.
  func read(_ count: Int) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    let got = recv(descriptor, &buffer, count, 0)
    return got > 0 ? Array(buffer[..<got]) : []
  }

  /// Everything until the server closes the connection.
  func readToEnd() -> Received {
    var bytes: [UInt8] = []
    while true {
      let more = read(65536)
      if more.isEmpty { return Received(bytes) }
      bytes += more
    }
  }

  /// One answer with a length, so that the connection can be used again.
  func readAnswer() -> Received {
    var bytes: [UInt8] = []
    while true {
      let received = Received(bytes)
      if received.isWhole { return received }
      let more = read(65536)
      if more.isEmpty { return received }
      bytes += more
    }
  }
}

/// An answer as it was on the wire.
struct Received {
  let head: String
  let body: [UInt8]

  init(_ bytes: [UInt8]) {
    let separator = Array("\r\n\r\n".utf8)
    let end = bytes.indices.first { bytes[$0...].starts(with: separator) }
    head = String(decoding: bytes[..<(end ?? bytes.count)], as: UTF8.self)
    body = end.map { Array(bytes[($0 + 4)...]) } ?? []
  }

  var status: Int? { head.split(separator: " ").dropFirst().first.flatMap { Int($0) } }

  func header(_ name: String) -> String? {
    for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("\(name.lowercased()): ") {
      return String(line.dropFirst(name.count + 2))
    }
    return nil
  }

  fileprivate var isWhole: Bool {
    guard let status else { return false }
    if status == 204 || status == 304 || status == 100 { return true }
    return header("Content-Length").flatMap { Int($0) }.map { body.count >= $0 } ?? false
  }
}
