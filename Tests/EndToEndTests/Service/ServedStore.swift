import Foundation
import GoogleCloud
import RegistryModel
import TestSupport
import Testing

/// `modelctl serve` as a process over a store of its own, from the moment that it listens.
final class ServedStore {
  let store: CommandStore
  let address: String
  /// The configuration's path.
  let configuration: String
  private let child: Child
  private let http: HTTPClient
  private var isOver = false

  /// - Parameter configuration: more of `config.yaml`, as JSON.
  init(
    _ store: CommandStore, _ arguments: [String] = [], configuration: JSONValue = [:]
  ) throws {
    self.store = store
    let file = try store.scratch.write("served.yaml", configuration.canonicalText)
    let child = try store.start(
      ["serve", "--json", "--listen", "127.0.0.1:0", "--config", file] + arguments)
    self.child = child
    self.configuration = file
    http = HTTPClient(try HTTPConfiguration())
    try poll("it listens") {
      if child.said.contains("\n") { return true }
      guard !child.hasEnded else { throw Ended(text: try child.wait().err) }
      return false
    }
    let first = try #require(child.said.split(separator: "\n").first)
    address = try #require(JSONValue(parsing: Array(first.utf8))["listening"]?.asString)
  }

  private struct Ended: Error { let text: String }

  deinit {
    guard !isOver else { return }
    child.signal(SIGTERM)
    _ = try? child.wait()
  }

  func stop(_ signal: Int32 = SIGTERM) throws -> Outcome {
    isOver = true
    child.signal(signal)
    return try child.wait()
  }

  var socket: String { "\(store.root)/control.sock" }

  struct Answer {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]
    var json: JSONValue? { try? JSONValue(parsing: body) }
  }

  /// - Parameters:
  ///   - path: with its query, as it goes over the wire.
  ///   - bySocket: whether to come by the control socket.
  func ask(
    _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil,
    headers: [String: String] = [:], bySocket: Bool = false
  ) throws -> Answer {
    var request = HTTPRequest(
      method, try HTTPAddress(parsing: "http://\(address)\(path)"),
      body: body.map { .bytes($0.canonicalBytes) } ?? .none)
    if body != nil { request.headers.set("Content-Type", "application/json") }
    for header in headers { request.headers.set(header.key, header.value) }
    request.isLocal = true
    request.socketPath = bySocket ? socket : nil
    let response = try http.perform(request)
    return Answer(status: response.status, headers: response.headers, body: response.body)
  }

  /// Makes a token by the command line; its secret.
  func token(_ name: String, _ scopes: String...) throws -> String {
    let made = try store.run(["token", "create", name, "-q"] + scopes.flatMap { ["--scope", $0] })
    return made.out.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
