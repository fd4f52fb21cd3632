package import RegistryModel

/// A path with places: `/api/models/{ref}/files/{path...}`; the last place may take the rest of the path.
package struct PathTemplate: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  package enum Part: Hashable, Sendable {
    case text(String)
    case place(String)
    case rest(String)
  }

  package let description: String
  package let parts: [Part]

  package init(stringLiteral text: String) {
    description = text
    parts = text.split(separator: "/").map { part in
      guard part.hasPrefix("{"), part.hasSuffix("}") else { return .text(String(part)) }
      let name = part.dropFirst().dropLast()
      return name.hasSuffix("...") ? .rest(String(name.dropLast(3))) : .place(String(name))
    }
  }

  /// What stands in the places of a path that this one covers; nil where it doesn't.
  ///
  /// - Parameter segments: the path's, still encoded.
  package func match(_ segments: [Substring]) throws(RegistryError) -> [String: String]? {
    var values: [String: String] = [:]
    for (position, part) in parts.enumerated() {
      switch part {
      case .rest(let name):
        guard position < segments.count, segments[position...] != [""] else { return nil }
        var decoded: [String] = []
        for segment in segments[position...] { decoded.append(try PercentCoding.decode(segment)) }
        values[name] = decoded.joined(separator: "/")
        return values
      case .text(let text):
        guard position < segments.count, segments[position] == text else { return nil }
      case .place(let name):
        guard position < segments.count, !segments[position].isEmpty else { return nil }
        values[name] = try PercentCoding.decode(segments[position])
      }
    }
    return segments.count == parts.count ? values : nil
  }
}
