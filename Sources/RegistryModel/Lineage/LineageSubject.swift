/// What a question about lineage is about, as people write it.
///
/// `robot_001_v4` and every other reference, a job's id, the digest of an archive, an episode's name or digest. Where a
/// word could be several things, a version is meant before a job, an archive and an episode; `job:`, `archive:` and
/// `episode:` in front of it say which.
public enum LineageSubject: Hashable, Sendable {
  case version(Reference)
  case job(String)
  case archive(Digest)
  case episode(String)

  /// What the text could mean, in the order in which it is looked up.
  ///
  /// - Throws: `usage` for an empty text, and for `archive:` without a digest.
  public static func candidates(parsing text: String) throws(RegistryError) -> [LineageSubject] {
    if let id = text.afterPrefix("job:") { return [.job(id)] }
    if let name = text.afterPrefix("episode:") { return [.episode(name)] }
    if let digest = text.afterPrefix("archive:") { return [.archive(try Digest(parsing: digest))] }
    guard !text.isEmpty else {
      throw RegistryError(
        .usage, "the subject is empty", hint: "name a version, a job, an archive's digest or an episode")
    }
    var found: [LineageSubject] = []
    if let reference = try? Reference(parsing: text) { found.append(.version(reference)) }
    found.append(.job(text))
    if let digest = try? Digest(parsing: text) { found.append(.archive(digest)) }
    return found + [.episode(text)]
  }
}
