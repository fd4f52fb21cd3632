import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

/// A store in a scratch folder that tests use through the program alone.
final class CommandStore: Sendable {
  let scratch: Scratch
  let root: String

  /// A store that isn't made yet.
  init(_ label: String = "cli") throws {
    scratch = try Scratch(label)
    root = scratch("store")
  }

  private init(_ fixture: StoreFixture) {
    scratch = fixture.scratch
    root = fixture.root
  }

  /// v1 confirmed and active; v2 and v3 installed. Made by the library, which is quicker than five processes.
  static func ready() throws -> CommandStore { CommandStore(try StoreFixture.ready("cli")) }

  /// The same with v2 active on trial, which is generation 2.
  static func onTrial() throws -> CommandStore {
    let fixture = try StoreFixture.ready("cli")
    try fixture.open().activate("robot_001_v2")
    return CommandStore(fixture)
  }

  var environment: [String: String] { ["MODELCTL_ROOT": root, "HOME": scratch("home")] }

  /// A folder to publish, whose weights differ by `content`.
  func source(_ content: String) throws -> String {
    try scratch.write("source-\(content)/lora_adapters.npz", "weights of \(content)")
    try scratch.write("source-\(content)/config/model_config.json", "{\"rank\":8}")
    return scratch("source-\(content)")
  }

  // MARK: Running

  func start(_ arguments: [String], _ variables: [String: String] = [:]) throws -> Child {
    try Child(
      [Program.path] + arguments,
      environment: Program.environment.merging(environment) { $1 }.merging(variables) { $1 })
  }

  /// Runs a command and expects its exit code.
  @discardableResult
  func ctl(
    _ arguments: String..., code: Int32 = 0, with variables: [String: String] = [:],
    at location: SourceLocation = #_sourceLocation
  ) throws -> Outcome {
    try run(arguments, code: code, with: variables, at: location)
  }

  @discardableResult
  func run(
    _ arguments: [String], code: Int32 = 0, with variables: [String: String] = [:],
    at location: SourceLocation = #_sourceLocation
  ) throws -> Outcome {
    let outcome = try start(arguments, variables).wait()
    #expect(
      outcome.code == code, "modelctl \(arguments.joined(separator: " ")): \(outcome.out)\(outcome.err)",
      sourceLocation: location)
    return outcome
  }

  /// Runs a command with `--json`, and expects exactly one document on stdout.
  @discardableResult
  func json(
    _ arguments: String..., code: Int32 = 0, with variables: [String: String] = [:],
    at location: SourceLocation = #_sourceLocation
  ) throws -> JSONValue {
    let outcome = try run(arguments + ["--json"], code: code, with: variables, at: location)
    return try document(outcome.out, at: location)
  }

  /// Runs a command that fails: nothing on stdout, and the error as people and as programs read it.
  @discardableResult
  func failure(
    _ arguments: String..., code: Int32, _ name: String, with variables: [String: String] = [:],
    at location: SourceLocation = #_sourceLocation
  ) throws -> CommandError {
    try failure(of: arguments, code: code, name, with: variables, at: location)
  }

  func failure(
    of arguments: [String], code: Int32, _ name: String, with variables: [String: String] = [:],
    at location: SourceLocation = #_sourceLocation
  ) throws -> CommandError {
    let text = try run(arguments, code: code, with: variables, at: location)
    let json = try run(arguments + ["--json"], code: code, with: variables, at: location)
    try #require(text.out == "" && json.out == "", sourceLocation: location)
    return try CommandError(text: text.err, json: json.err, name, at: location)
  }

  func active(at location: SourceLocation = #_sourceLocation) throws -> String? {
    try ctl("active", "-q", at: location).out.split(separator: "\n").first.map(String.init)
  }

  /// The store is sound: recovery has nothing left to do, and nothing is damaged.
  func expectSound(at location: SourceLocation = #_sourceLocation) throws {
    try ctl("doctor", at: location)
    try ctl("verify", at: location)
    try ctl("audit", "verify", at: location)
  }

  func exists(_ name: String) -> Bool { access("\(root)/\(name)", F_OK) == 0 }

  func entries(_ name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(name)").sorted()
  }
}

/// Exactly one JSON document and a newline.
func document(_ text: String, at location: SourceLocation = #_sourceLocation) throws -> JSONValue {
  #expect(
    text.hasSuffix("\n") && !text.hasSuffix("\n\n"), "no single line: \(text)", sourceLocation: location)
  // A reader that isn't ours agrees that it is JSON.
  #expect(throws: Never.self, sourceLocation: location) {
    try JSONSerialization.jsonObject(with: Data(text.utf8))
  }
  return try JSONValue(parsing: Array(text.dropLast().utf8))
}

/// An error as it came out on stderr, both ways.
struct CommandError {
  let line: String
  let message: String
  let hint: String

  init(text: String, json: String, _ code: String, at location: SourceLocation) throws {
    try #require(json != "", sourceLocation: location)
    let error = try document(json, at: location)
    let shape = Shape.object(["error": .object(["code": .text, "message": .text, "hint": .text])])
    shape.check(error, at: location)
    #expect(error["error"]?["code"]?.asString == code, sourceLocation: location)
    message = error["error"]?["message"]?.asString ?? ""
    hint = error["error"]?["hint"]?.asString ?? ""
    line = String(text.dropLast())
    #expect(
      text.hasSuffix("\n") && !line.contains("\n"), "more than one line: \(text)", sourceLocation: location)
    #expect(line.hasPrefix("error: "), sourceLocation: location)
    #expect(
      line.components(separatedBy: "; ").count >= 3, "not three parts: \(line)", sourceLocation: location)
  }
}
