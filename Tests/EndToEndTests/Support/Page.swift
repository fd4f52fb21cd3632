import Foundation

/// A page of docs/, and what stands in its fences.
struct Page {
  let text: String

  init(_ name: String) throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    text = try String(
      contentsOf: tests.appending(path: "../../docs/\(name)").standardized, encoding: .utf8)
  }

  func blocks(_ language: String) -> [String] { Self.blocks(language, in: text) }

  /// The fences beneath each `### heading`.
  func blocks(_ language: String, beneath heading: String) -> [String] {
    let sections = text.components(separatedBy: "\n### ").dropFirst()
    guard let section = sections.first(where: { $0.hasPrefix("\(heading)\n") }) else { return [] }
    return Self.blocks(language, in: section.components(separatedBy: "\n## ")[0])
  }

  var headings: [String] {
    text.components(separatedBy: "\n### ").dropFirst().map { String($0.prefix { $0 != "\n" }) }
  }

  private static func blocks(_ language: String, in text: String) -> [String] {
    text.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
      $0.components(separatedBy: "\n```").first
    }
  }
}
