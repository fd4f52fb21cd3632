import Foundation
import GoogleCloud
import RegistryModel
import Testing

@Suite struct WriteTests {
  private static let bytes = Array("hello, robots\r\n--x--\r\n".utf8)

  private func create(_ server: ScriptedServer) throws -> (
    creation: ObjectCreation?, sent: Int64, error: RegistryError?
  ) {
    var creation: ObjectCreation?
    var sent: Int64 = 0
    let error = failure {
      creation = try storage(server).create(
        path("a b/ü"), DocumentSource(Self.bytes), metadata: ["sha256": "00"]
      ) { sent += $0 }
    }
    return (creation, sent, error)
  }

  @Test func `a small object goes up in one request, with its checksum`() throws {
    let server = try ScriptedServer { _, _, exchange in
      exchange.reply(200, json: resource("a b/ü", Self.bytes))
    }
    defer { server.stop() }
    let (creation, sent, error) = try create(server)
    #expect(error == nil)
    #expect(creation == .created(try described("a b/ü", Self.bytes)))
    #expect(sent == Int64(Self.bytes.count))
    let request = server.requests[0]
    #expect(request.path == "/upload/storage/v1/b/models/o")
    #expect(request.query("name") == "shared%2Fa%20b%2F%C3%BC")
    #expect(request.query("uploadType") == "multipart" && request.query("ifGenerationMatch") == "0")
    let type = try #require(request.headers["content-type"])
    let boundary = type.replacingOccurrences(of: "multipart/related; boundary=", with: "")
    let metadata = [
      #"{"contentType":"application/octet-stream","crc32c":"\#(ObjectChecksum.text(CRC32C.of(Self.bytes)))","#,
      #""metadata":{"sha256":"00"},"name":"shared/a b/ü"}"#,
    ].joined()
    let expected = [
      "--\(boundary)", "Content-Type: application/json; charset=UTF-8", "", metadata, "--\(boundary)",
      "Content-Type: application/octet-stream", "", String(decoding: Self.bytes, as: UTF8.self),
      "--\(boundary)--", "",
    ].joined(separator: "\r\n")
    #expect(String(decoding: request.body, as: UTF8.self) == expected)
  }

  @Test func `an empty object is one`() throws {
    let server = try ScriptedServer { _, _, exchange in exchange.reply(200, json: resource("x", [])) }
    defer { server.stop() }
    let creation = try storage(server).create(path("x"), DocumentSource([]), metadata: [:]) { _ in }
    #expect(creation == .created(try described("x", [])))
  }

  @Test func `what is there already is told, after a lost answer too`() throws {
    for first in [412, 503, 0] {
      let server = try ScriptedServer { number, request, exchange in
        if request.method == "GET" { return exchange.reply(200, json: resource("a b/ü", Self.bytes)) }
        if number == 0, first == 0 { return exchange.hangUp() }
        exchange.reply(number == 0 ? first : 412, json: notHeld)
      }
      defer { server.stop() }
      let (creation, sent, error) = try create(server)
      #expect(error == nil)
      #expect(creation == .existed(try described("a b/ü", Self.bytes)))
      #expect(sent == 0)
    }
  }

  @Test func `what is there and isn't, by turns, ends`() throws {
    let server = try ScriptedServer { _, request, exchange in
      if request.method == "GET" {
        exchange.reply(404, json: missing)
      } else {
        exchange.reply(412, json: notHeld)
      }
    }
    defer { server.stop() }
    #expect(try create(server).error?.code == .remote)
    #expect(server.requests.count == 6)
  }

  @Test func `refusals are not tried again`() throws {
    let bucket = #"{"error":{"code":404,"message":"The specified bucket does not exist."}}"#
    for (status, code) in [(400, RegistryError.Code.remote), (403, .permission), (404, .notFound)] {
      let server = try ScriptedServer { _, _, exchange in exchange.reply(status, json: bucket) }
      defer { server.stop() }
      #expect(try create(server).error?.code == code)
      #expect(server.requests.count == 1)
    }
  }

  @Test func `an answer that is no resource is the remote's fault`() throws {
    for body in ["", "<html>Log in</html>", "[]", resource("other", Self.bytes)] {
      let server = try ScriptedServer { _, _, exchange in exchange.reply(200, json: body) }
      defer { server.stop() }
      #expect(try create(server).error?.code == .remote)
    }
  }

  @Test func `a replacement names the generation it replaces`() throws {
    let server = try ScriptedServer { number, _, exchange in
      if number == 0 {
        exchange.reply(200, json: resource("c", Self.bytes, generation: 8))
      } else {
        exchange.reply(412, json: notHeld)
      }
    }
    defer { server.stop() }
    let client = try storage(server)
    #expect(try client.replace(path("c"), with: Self.bytes, ifGeneration: 7)?.generation == 8)
    #expect(try client.replace(path("c"), with: Self.bytes, ifGeneration: 7) == nil)
    #expect(server.requests.map { $0.query("ifGenerationMatch") } == ["7", "7"])
  }

  @Test(arguments: [("same", true), ("other", false), ("older", false), ("none", false)])
  func `a replacement whose answer was lost is one's own if it is there`(_ found: String, _ isOwn: Bool)
    throws
  {
    let server = try ScriptedServer { number, request, exchange in
      if number == 0 { return exchange.hangUp() }
      if request.method == "POST" { return exchange.reply(412, json: notHeld) }
      switch found {
      case "same": exchange.reply(200, json: resource("c", Self.bytes, generation: 8))
      case "other": exchange.reply(200, json: resource("c", Self.bytes.reversed(), generation: 8))
      case "older": exchange.reply(200, json: resource("c", Self.bytes, generation: 7))
      default: exchange.reply(404, json: missing)
      }
    }
    defer { server.stop() }
    let info = try storage(server).replace(path("c"), with: Self.bytes, ifGeneration: 7)
    #expect(info?.generation == (isOwn ? 8 : nil))
  }

  @Test func `removing tells whether it was there`() throws {
    let answers: [(Int, String)] = [(204, ""), (404, missing), (412, notHeld), (503, ""), (404, missing)]
    let server = try ScriptedServer { number, _, exchange in
      exchange.reply(answers[number].0, json: answers[number].1)
    }
    defer { server.stop() }
    let client = try storage(server)
    #expect(
      try (0..<4).map { _ in try client.remove(path("c"), ifGeneration: 7) } == [true, false, false, true])
    #expect(server.requests.allSatisfy { $0.method == "DELETE" && $0.query("ifGenerationMatch") == "7" })
  }

  @Test func `a copy goes on until the store is done`() throws {
    let server = try ScriptedServer { number, _, exchange in
      if number < 2 {
        exchange.reply(200, json: #"{"done":false,"rewriteToken":"t/\#(number)"}"#)
      } else {
        exchange.reply(200, json: #"{"done":true,"resource":\#(resource("b", Self.bytes))}"#)
      }
    }
    defer { server.stop() }
    let copied = try storage(server).copy(described("a", Self.bytes, generation: 5), to: path("b"))
    #expect(copied == .created(try described("b", Self.bytes)))
    let requests = server.requests
    #expect(requests[0].path == "/storage/v1/b/models/o/shared%2Fa/rewriteTo/b/models/o/shared%2Fb")
    #expect(requests.map { $0.query("rewriteToken") } == [nil, "t%2F0", "t%2F1"])
    for request in requests {
      #expect(request.query("ifGenerationMatch") == "0" && request.query("ifSourceGenerationMatch") == "5")
    }
  }

  @Test func `a copy tells a taken name from a source that is gone`() throws {
    for (isTaken, status) in [(true, 412), (false, 412), (false, 404)] {
      let server = try ScriptedServer { _, request, exchange in
        if request.method == "POST" { return exchange.reply(status, json: status == 404 ? missing : notHeld) }
        let isTarget = request.path.hasSuffix("b")
        if isTarget, isTaken { return exchange.reply(200, json: resource("b", [1])) }
        exchange.reply(404, json: missing)
      }
      defer { server.stop() }
      var copied: ObjectCreation?
      let error = failure { copied = try storage(server).copy(described("a", Self.bytes), to: path("b")) }
      #expect(error?.code == (isTaken ? nil : .notFound))
      if isTaken { #expect(copied == .existed(try described("b", [1]))) }
    }
  }

  @Test func `looking up tells missing from a bucket or a store that is`() throws {
    let server = try ScriptedServer { number, _, exchange in
      switch number {
      case 0: exchange.reply(200, json: resource("x", [1]))
      case 1: exchange.reply(404, json: missing)
      case 2: exchange.reply(404, json: #"{"error":{"message":"The specified bucket does not exist."}}"#)
      case 3: exchange.reply(404, [("Content-Type", "text/html")], Array("<h1>Not here</h1>".utf8))
      default: exchange.reply(302, [("Location", "https://login.example/")])
      }
    }
    defer { server.stop() }
    let client = try storage(server)
    #expect(try client.info(path("x")) == described("x", [1]))
    #expect(try client.info(path("x")) == nil)
    #expect(failure { try client.info(path("x")) }?.code == .notFound)
    #expect(failure { try client.info(path("x")) }?.code == .remote)
    #expect(failure { try client.info(path("x")) }?.code == .remote)
  }

  @Test func `a page has what was asked for and nothing else`() throws {
    let items = ["shared/a/x", "shared/a/", "elsewhere/a/x", "shared/b", "shared/a/../x", "shared/a/y"]
    let json = items.map {
      resource(String($0.dropFirst("shared/".count)), [1]).replacingOccurrences(
        of: "\"name\":\"shared/\($0.dropFirst("shared/".count))\"", with: "\"name\":\"\($0)\"")
    }
    let server = try ScriptedServer { number, _, exchange in
      switch number {
      case 0:
        exchange.reply(
          200,
          json:
            #"{"items":[\#(json.joined(separator: ","))],"prefixes":["shared/a/d/","shared/c/","x/","shared/a/e"],"#
            + #""nextPageToken":"t+1"}"#)
      case 1: exchange.reply(200, json: #"{"kind":"storage#objects","nextPageToken":"t2"}"#)
      case 2: exchange.reply(200, json: #"{"kind":"storage#objects"}"#)
      case 3: exchange.reply(200, json: #"{"items":[{"name":"shared/a/x"}]}"#)
      default: exchange.reply(404, json: missing)
      }
    }
    defer { server.stop() }
    let client = try storage(server)
    let query = ObjectQuery(prefix: "a/", start: "a/b", isShallow: true, pageSize: 50)
    let page = try client.list(query, page: nil)
    #expect(page.objects.map(\.name.text) == ["a/x", "a/y"])
    #expect(page.folders == ["a/d/"])
    #expect(page.next == "t+1")
    #expect(try client.list(query, page: "t+1") == ObjectPage(objects: [], next: "t2"))
    #expect(try client.list(query, page: "t2") == ObjectPage(objects: [], next: nil))
    #expect(failure { try client.list(query, page: nil) }?.code == .remote)
    #expect(failure { try client.list(query, page: nil) }?.code == .notFound)
    let request = server.requests[0]
    #expect(request.query("prefix") == "shared%2Fa%2F" && request.query("startOffset") == "shared%2Fa%2Fb")
    #expect(request.query("delimiter") == "%2F" && request.query("maxResults") == "50")
    #expect(server.requests[1].query("pageToken") == "t%2B1")
  }
}
