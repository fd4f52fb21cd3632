import Foundation
import Mutations
import RegistryModel
import Testing

@Suite struct MutationTests {
  @Test(arguments: ForeignReader.allCases)
  func `what chance has changed is refused, or is as it should be`(_ reader: ForeignReader) throws {
    var taken = 0
    for (seed, bytes) in Mutations(of: try Self.examples(of: reader) + Self.corpus(of: reader).prefix(2)) {
      if check(reader, bytes, "seed \(seed)") { taken += 1 }
    }
    #expect(taken > 0, "the samples are no good")
  }

  /// `tools/evidence/libfuzzer` keeps what reached more of the code, and what broke it once.
  @Test(arguments: ForeignReader.allCases)
  func `what a fuzzer has found is refused, or is as it should be`(_ reader: ForeignReader) throws {
    let corpus = try Self.corpus(of: reader)
    try #require(!corpus.isEmpty)
    for (line, bytes) in corpus.enumerated() { _ = check(reader, bytes, "line \(line + 1)") }
  }

  /// Whether it was taken.
  private func check(_ reader: ForeignReader, _ bytes: [UInt8], _ origin: String) -> Bool {
    do {
      let holds = try reader.holds(bytes)
      #expect(holds, "\(reader), \(origin): \(String(decoding: bytes, as: UTF8.self))")
      return true
    } catch {
      #expect(!error.message.isEmpty && !error.hint.isEmpty, "\(reader), \(origin)")
      return false
    }
  }

  private static func examples(of reader: ForeignReader) throws -> [[UInt8]] {
    guard let schema = reader.schema else { return [] }
    let folder = Repository.root.appending(path: "schemas/examples/\(schema)")
    return try [folder, folder.appending(path: "invalid")].flatMap { folder in
      try Repository.jsonNames(in: folder).map { try Repository.json($0, in: folder) }
    }
  }

  /// Each line is one entry, in base64; the first were written by hand, and are good.
  private static func corpus(of reader: ForeignReader) throws -> [[UInt8]] {
    let file = Repository.root.appending(path: "Tests/Mutations/Corpus/\(reader.rawValue).txt")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
      [UInt8](try #require(Data(base64Encoded: String(line))))
    }
  }
}
