import Foundation
import RegistryModel
import Testing

/// Files of this repository that tests read, found from where this source file lies.
enum Repository {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let manifestExamples = root.appending(path: "schemas/examples/manifest.v1")
  static let malformedManifests = manifestExamples.appending(path: "invalid")
  static let generationExamples = root.appending(path: "schemas/examples/generation.v1")
  static let malformedGenerations = generationExamples.appending(path: "invalid")
  static let golden = root.appending(path: "Tests/RegistryModelTests/Golden")

  /// The names of the `.json` files in a directory, without the ending, sorted.
  static func jsonNames(in directory: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "json" }
      .map { $0.deletingPathExtension().lastPathComponent }
      .sorted()
  }

  static func json(_ name: String, in directory: URL) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: directory.appending(path: name + ".json")))
  }
}

/// Runs something that must be refused, and hands back why.
func refusal<Value>(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws(RegistryError) -> Value
) -> RegistryError? {
  do {
    let value = try body()
    Issue.record("accepted, as \(value)", sourceLocation: sourceLocation)
    return nil
  } catch {
    return error
  }
}

/// A digest that differs for each number.
func digest(_ number: UInt8) throws -> Digest {
  try #require(Digest(bytes: Array(repeating: number, count: 32)))
}
