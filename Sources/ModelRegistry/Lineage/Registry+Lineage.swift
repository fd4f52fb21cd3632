public import RegistryModel

/// How far a question about lineage goes.
public struct LineageScope: Hashable, Sendable {
  /// Whether it asks what the subject was made from.
  public var up: Bool
  /// Whether it asks what came of the subject.
  public var down: Bool
  /// How many edges from the subject; nil: all.
  public var depth: Int?
  /// Whether archives show each episode. An archive or an episode as the subject always does.
  public var showsEpisodes: Bool
  /// The most nodes.
  public var limit: Int

  public init(
    up: Bool = true, down: Bool = true, depth: Int? = nil, showsEpisodes: Bool = false, limit: Int = 100_000
  ) {
    self.up = up
    self.down = down
    self.depth = depth
    self.showsEpisodes = showsEpisodes
    self.limit = limit
  }
}

extension Registry {
  /// Where a version, job, archive or episode comes from, and what came of it.
  ///
  /// Answered from the index alone, but for the names of bases that aren't known here. Ends whatever the edges say: a
  /// cycle, which only a damaged index can have, is a warning in the answer.
  /// - Parameter subject: see ``LineageSubject``.
  /// - Throws: `notFound` where nothing of that name is known.
  public func lineage(
    of subject: String, _ scope: LineageScope = LineageScope()
  ) throws(RegistryError) -> LineageGraph {
    try reporting("look up the lineage of \(subject)") {
      let found = try subjectRecord(subject)
      let active = ((try? activeSet()) ?? GenerationSet()).digests
      return try index().read { transaction in
        var walk = LineageWalk(
          transaction: transaction, depth: scope.depth ?? Int.max, limit: scope.limit,
          showsEpisodes: scope.showsEpisodes || !found.isVersionOrJob, active: active,
          manifest: { try? self.manifest(of: $0) }, graph: LineageGraph(subject: found.key))
        walk.graph.add(try found.node(walk))
        if scope.up { try walk.run(.up) }
        if scope.down { try walk.run(.down) }
        return walk.graph
      }
    }
  }

  /// The first thing that a subject's text can mean and that is known here.
  func subjectRecord(_ text: String) throws -> SubjectRecord {
    for candidate in try LineageSubject.candidates(parsing: text) {
      if let found = try subjectRecord(candidate) { return found }
    }
    throw RegistryError(
      .notFound, "\(text.quoted) is no version, job, archive or episode that is known in \(root)",
      hint: "see `modelctl list`, or say which with job:, archive: or episode:")
  }

  private func subjectRecord(_ subject: LineageSubject) throws -> SubjectRecord? {
    switch subject {
    case .version(let reference):
      do {
        return .version(try resolve(reference))
      } catch let error as RegistryError where error.code == .notFound {
        return nil
      }
    case .job(let id):
      return try index().read { try $0.isKnown("job", id) } ? .job(id) : nil
    case .archive(let digest):
      return try index().read { transaction in
        let isUsed = try transaction.isKnown("archive", digest.description)
        return try isUsed || !transaction.archives(digest).isEmpty ? .archive(digest) : nil
      }
    case .episode(let name):
      return try index().read { transaction in
        let digest = try? Digest(parsing: name)
        let episodes = try digest.map { try transaction.episodes($0) } ?? transaction.episodes(named: name)
        return episodes.first.map { .episode($0) }
      }
    }
  }
}

/// What a subject turned out to be.
enum SubjectRecord {
  case version(VersionRecord)
  case job(String)
  case archive(Digest)
  case episode(EpisodeRecord)

  var key: LineageGraph.Key {
    switch self {
    case .version(let record): LineageGraph.Key(.version, record.version.description)
    case .job(let id): LineageGraph.Key(.job, id)
    case .archive(let digest): LineageGraph.Key(.archive, digest.description)
    case .episode(let record): LineageGraph.Key(.episode, record.name)
    }
  }

  var isVersionOrJob: Bool { key.kind == .version || key.kind == .job }

  func node(_ walk: LineageWalk) throws -> LineageGraph.Node {
    switch self {
    case .version(let record): walk.node(record)
    case .job(let id): LineageGraph.Node(LineageGraph.Key(.job, id))
    case .archive(let digest): try walk.archive(digest)
    case .episode(let record): LineageWalk.node(record)
    }
  }
}
