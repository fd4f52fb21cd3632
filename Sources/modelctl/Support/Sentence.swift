import ModelRegistry
import RegistryModel

/// Phrases for people.
enum Sentence {
  /// "1 file", "2 files".
  static func count(_ number: some BinaryInteger, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  static func set(_ set: GenerationSet) -> String {
    set.isEmpty ? "no adapters" : set.sorted.map(\.version.description).joined(separator: ", ")
  }

  /// Where a switch left things, and what is expected next.
  static func state(_ result: SwitchResult) -> String {
    let what = "generation \(result.generation) is active: \(set(result.set))"
    guard result.state == .trial, let left = result.attemptsLeft else { return "\(what); confirmed" }
    guard result.fallback != nil else {
      return "\(what); on trial: confirm it, there is nothing to revert to"
    }
    return "\(what); on trial: confirm it, or it reverts after \(count(left, "boot"))"
  }
}

extension Sentence {
  static func published(_ result: PublishResult, verb: String = "published") -> String {
    let size = "\(count(result.files, "file")), \(ByteCount(bytes: result.bytes))"
    let reused = result.reusedBytes > 0 ? ", \(ByteCount(bytes: result.reusedBytes)) were here already" : ""
    return result.existing
      ? "\(result.version) is the same content already (\(result.digest.short)); no new version was made"
      : "\(verb) \(result.version) (\(result.digest.short)): \(size)\(reused)"
  }
}
