import RegistryModel

/// The addresses of the pages; whatever stands in one is encoded.
enum PagePath {
  static func version(_ reference: String) -> String { "/versions/\(PercentCoding.encode(reference))" }

  static func diff(_ from: String, _ to: String) -> String {
    "\(version(from))/diff/\(PercentCoding.encode(to))"
  }

  static func file(_ path: String, of version: String) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map {
      PercentCoding.encode(String($0))
    }
    return "/api/models/\(PercentCoding.encode(version))/files/\(parts.joined(separator: "/"))"
  }

  static func lineage(_ subject: String) -> String { with("/lineage", ["subject": subject]) }
  static func operation(_ id: String) -> String { "/operations/\(PercentCoding.encode(id))" }
  static func job(_ id: String) -> String { "/training/\(PercentCoding.encode(id))" }
  static func history(of adapter: String) -> String { with("/history", ["adapter": adapter]) }

  /// A path and its parameters, those that are there.
  static func with(_ path: String, _ parameters: KeyValuePairs<String, String?>) -> String {
    let parts = parameters.compactMap { name, value in
      value.map { "\(name)=\(PercentCoding.encode($0))" }
    }
    return parts.isEmpty ? path : "\(path)?\(parts.joined(separator: "&"))"
  }
}
