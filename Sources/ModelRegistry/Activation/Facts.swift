import RegistryModel

/// What `requires` expressions are judged by.
enum Facts {
  #if arch(arm64)
    static let arch = "arm64"
  #elseif arch(x86_64)
    static let arch = "x86_64"
  #else
    static let arch = "other"
  #endif

  /// `arch`, `os`, `base` (the digests of a generation's versions) and the configuration's facts.
  static func all(_ configuration: Configuration, set: GenerationSet) -> [String: [String]] {
    var facts = configuration.facts.mapValues { [$0] }
    facts["arch"] = [arch]
    facts["os"] = ["linux"]
    facts["base"] = set.digests.map(\.description).sorted()
    return facts
  }

  /// The first requirement of `manifest` that doesn't hold, in words; of those about `keys` where some are given.
  static func problem(
    with manifest: Manifest, _ facts: [String: [String]], among keys: Set<String>? = nil
  ) -> String? {
    for requirement in manifest.requires where keys?.contains(requirement.key) ?? true {
      switch requirement.verdict(facts: facts) {
      case .satisfied: continue
      case .unsatisfied(let actual):
        return "\(manifest.versionID) requires \(requirement), and it is \(actual.joined(separator: ", "))"
      case .unknownFact:
        return
          "\(manifest.versionID) requires \(requirement), and the fact \(requirement.key) is not known here"
      }
    }
    return nil
  }
}
