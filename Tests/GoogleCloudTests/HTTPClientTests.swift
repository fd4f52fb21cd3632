import Foundation
import Glibc
import GoogleCloud
import RegistryModel
import Synchronization
import Testing

@Suite struct HTTPClientTests {
  private func transport(_ call: () throws -> HTTPResponse) -> TransportFailure? {
    do {
      _ = try call()
    } catch HTTPFailure.transport(let failure) {
      return failure
    } catch {}
    return nil
  }

  private func address(_ server: ScriptedServer, _ path: String = "/") throws -> HTTPAddress {
    try HTTPAddress(parsing: server.base + path)
  }

  @Test func `requests share a connection and say what they must`() throws {
    let server = try ScriptedServer { _, request, exchange in
      exchange.reply(200, [("X-Echo", "one"), ("x-echo", "two")], request.body)
    }
    defer { server.stop() }
    let client = HTTPClient(
      try impatient { $0.extraHeaders = (try? HTTPHeader("X-Gateway", "key")).map { [$0] } ?? [] })
    let body = [UInt8](repeating: 7, count: 2_000_000)
    var request = HTTPRequest(.post, try address(server, "/a%2Fb?c=d"), body: .bytes(body))
    request.answerLimitBytes = 3_000_000
    let response = try client.perform(request)
    #expect(response.status == 200)
    #expect(response.body == body)
    #expect(response.headers.values(of: "X-ECHO") == ["one", "two"])
    _ = try client.perform(HTTPRequest(.get, address(server)))
    _ = try client.perform(HTTPRequest(.put, address(server)))
    _ = try client.perform(HTTPRequest(.delete, address(server)))

    // A delete has a connection of its own, so that it isn't repeated unnoticed.
    #expect(server.connections == 2)
    let requests = server.requests
    #expect(requests.map(\.method) == ["POST", "GET", "PUT", "DELETE"])
    #expect(requests[0].target == "/a%2Fb?c=d")
    #expect(requests[0].headers["content-length"] == "2000000")
    #expect(requests[2].headers["content-length"] == "0")
    for request in requests {
      #expect(request.headers["accept-encoding"] == "identity")
      #expect(request.headers["x-gateway"] == "key")
      #expect(request.headers["user-agent"] == "modelctl")
      #expect(request.headers["expect"] == nil)
    }
    #expect(client.traffic.requests == 4)
    #expect(client.traffic.bytesOut > 2_000_000 && client.traffic.bytesOut < 2_010_000)
    #expect(client.traffic.bytesIn > 2_000_000 && client.traffic.bytesIn < 2_010_000)
  }

  @Test func `a redirect is an answer, and is not followed`() throws {
    let server = try ScriptedServer { _, _, exchange in
      exchange.reply(302, [("Location", "http://127.0.0.1:1/elsewhere")])
    }
    defer { server.stop() }
    #expect(try HTTPClient(impatient()).perform(HTTPRequest(.get, address(server))).status == 302)
    #expect(server.requests.count == 1)
  }

  @Test func `a body that breaks off is an error, after the pieces that came`() throws {
    let server = try ScriptedServer { _, _, exchange in
      exchange.reply(200, [], Array("half".utf8), length: 8)
      exchange.hangUp()
    }
    defer { server.stop() }
    var got: [UInt8] = []
    let failure = transport {
      try HTTPClient(impatient()).perform(
        HTTPRequest(.get, address(server)), accept: { $0.status == 200 }, into: { got += $0 })
    }
    #expect(failure?.code == 18)
    #expect(failure?.isRetryable == true)
    #expect(got == Array("half".utf8))
  }

  @Test(arguments: ["HTTP/1.1 308 Resume Incomplete\r\n", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"])
  func `a head that breaks off is no answer`(_ head: String) throws {
    let server = try ScriptedServer { _, _, exchange in
      exchange.send(head)
      exchange.hangUp()
    }
    defer { server.stop() }
    let failure = transport { try HTTPClient(impatient()).perform(HTTPRequest(.get, address(server))) }
    #expect(failure?.isRetryable == true && failure?.isUnreachable == false)
  }

  @Test func `a broken chunked body is an error`() throws {
    let server = try ScriptedServer { _, _, exchange in
      exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal")
      exchange.hangUp()
    }
    defer { server.stop() }
    #expect(
      transport { try HTTPClient(impatient()).perform(HTTPRequest(.get, address(server))) }?.isRetryable
        == true)
  }

  @Test func `a server that falls silent is given up`() throws {
    let server = try ScriptedServer { number, _, exchange in
      if number == 1 { exchange.reply(200, [], Array("ha".utf8), length: 4) }
      exchange.stall()
    }
    defer { server.stop() }
    let client = HTTPClient(try impatient())
    for _ in 0..<2 {
      let failure = transport { try client.perform(HTTPRequest(.get, address(server))) }
      #expect(failure?.code == 28)
      #expect(failure?.isUnreachable == false)
    }
  }

  @Test func `endless bodies and heads are stopped`() throws {
    let server = try ScriptedServer { _, request, exchange in
      exchange.send("HTTP/1.1 200 OK\r\n")
      let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 8000)
      if request.path == "/head" {
        while exchange.send(Array("X-More: ".utf8) + piece + Array("\r\n".utf8)) {}
      } else {
        exchange.send("\r\n")
        while exchange.send(piece) {}
      }
      exchange.hangUp()
    }
    defer { server.stop() }
    for path in ["/head", "/body"] {
      do {
        _ = try HTTPClient(impatient()).perform(HTTPRequest(.get, address(server, path)))
        Issue.record("an endless answer ended")
      } catch HTTPFailure.tooLarge(_, let host) {
        #expect(host == "127.0.0.1")
      }
    }
  }

  @Test func `what sink and source throw comes out as it is`() throws {
    struct Own: Error {}
    let server = try ScriptedServer { _, _, exchange in exchange.reply(200, [], [1, 2, 3]) }
    defer { server.stop() }
    let client = HTTPClient(try impatient())
    let get = HTTPRequest(.get, try address(server))
    let stream = HTTPBodyStream(bytes: 10) { _, _ in throw Own() }
    let short = HTTPBodyStream(bytes: 10) { offset, buffer in
      guard offset < 5 else { return 0 }
      buffer[0] = 1
      return 1
    }
    var failures: [any Error] = []
    for call in [
      { try client.perform(get, accept: { _ in true }, into: { _ in throw Own() }) },
      { try client.perform(get, accept: { _ in throw Own() }, into: { _ in }) },
      { try client.perform(HTTPRequest(.put, get.address, body: .stream(stream))) },
      { try client.perform(HTTPRequest(.put, get.address, body: .stream(short))) },
    ] as [() throws -> HTTPResponse] {
      do { _ = try call() } catch HTTPFailure.local(let error) { failures.append(error) }
    }
    #expect(failures.count == 4)
    #expect(failures.prefix(3).allSatisfy { $0 is Own })
    #expect((failures.last as? RegistryError)?.code == .integrity)
  }

  @Test func `a cancelled call ends`() throws {
    let cancellation = Cancellation()
    let server = try ScriptedServer { _, _, exchange in
      cancellation.cancel()
      exchange.stall()
    }
    defer { server.stop() }
    var configuration = try impatient()
    configuration.lowSpeedSeconds = 60
    let client = HTTPClient(configuration, cancellation: cancellation)
    for _ in 0..<2 {
      do {
        _ = try client.perform(HTTPRequest(.get, address(server)))
        Issue.record("it wasn't cancelled")
      } catch HTTPFailure.cancelled {}
    }
    #expect(server.requests.count == 1)
  }

  @Test func `whoever waits for the network asks whether to stop, and stops for good`() throws {
    let server = try ScriptedServer { _, _, exchange in exchange.stall() }
    defer { server.stop() }
    let asked = Atomic(0)
    let cancellation = Cancellation { asked.add(1, ordering: .relaxed).newValue == 4 }
    var configuration = try impatient()
    configuration.lowSpeedSeconds = 60
    let client = HTTPClient(configuration, cancellation: cancellation)
    for _ in 0..<2 {
      do {
        _ = try client.perform(HTTPRequest(.get, address(server)))
        Issue.record("it wasn't cancelled")
      } catch HTTPFailure.cancelled {}
    }
    #expect(server.requests.count <= 1)
    #expect(HTTPFailure.cancelled.asRegistryError("read x").code == .cancelled)
  }

  @Test func `nobody there is told from somebody who broke off`() throws {
    let server = try ScriptedServer { _, _, exchange in exchange.hangUp() }
    let client = HTTPClient(try impatient())
    let request = HTTPRequest(.get, try address(server, "/x?upload_id=secret"))
    let broken = try #require(transport { try client.perform(request) })
    #expect(broken.isRetryable && !broken.isUnreachable)
    server.stop()
    let closed = HTTPRequest(.get, try HTTPAddress(parsing: "http://127.0.0.1:1/x?upload_id=secret"))
    let failure = try #require(transport { try client.perform(closed) })
    #expect(failure.isRetryable && failure.isUnreachable)
    let error = HTTPFailure.transport(failure).asRegistryError("read x")
    #expect(error.code == .remote)
    #expect(error.description.contains("127.0.0.1") && !error.description.contains("secret"))
  }

  @Test func `a rate limit slows down, and is no silence`() throws {
    let server = try ScriptedServer { _, _, exchange in
      exchange.reply(200, [], [UInt8](repeating: 0, count: 30_000))
    }
    defer { server.stop() }
    let configuration = try impatient { $0.maximumBytesPerSecond = 20_000 }
    #expect(try HTTPClient(configuration).perform(HTTPRequest(.get, address(server))).body.count == 30_000)
  }

  @Test func `several threads ask at once, and connections are used again`() throws {
    let server = try ScriptedServer { _, request, exchange in
      exchange.reply(200, [], Array(request.target.utf8))
    }
    defer { server.stop() }
    let client = HTTPClient(try impatient())
    DispatchQueue.concurrentPerform(iterations: 4) { thread in
      for number in 0..<25 {
        let path = "/\(thread)/\(number)"
        let body = try? client.perform(HTTPRequest(.get, address(server, path))).body
        #expect(body == Array(path.utf8))
      }
    }
    #expect(server.requests.count == 100)
    #expect(server.connections <= 4)
    #expect(client.traffic.requests == 100)
  }

  @Test func `a connection that takes too long is no request`() throws {
    // A full backlog: the kernel answers no further connection.
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    var clients: [Int32] = []
    defer { for client in clients { close(client) } }
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(listener, $0, length)
        _ = listen(listener, 0)
        _ = getsockname(listener, $0, &length)
        for _ in 0..<8 {
          let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
          _ = connect(client, $0, length)
          clients.append(client)
        }
      }
    }
    let url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/"
    let configuration = try impatient { $0.connectSeconds = 1 }
    let failure = try #require(
      transport { try HTTPClient(configuration).perform(HTTPRequest(.get, HTTPAddress(parsing: url))) })
    #expect(failure.code == 28)
    #expect(failure.isRetryable && failure.isUnreachable)
  }
}
