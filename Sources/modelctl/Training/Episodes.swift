import ArgumentParser
import CloudTraining
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Episodes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "episodes",
    abstract: "What the robot recorded: look at it, and send it for training.",
    subcommands: [EpisodesList.self, EpisodesUpload.self])
}

struct EpisodesList: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Episodes in a folder, and the archives that were sent.",
    discussion: "Each is read whole: what is half written or malformed is listed with its reason.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The folder; training.recordings of the configuration if left out.") var folder: String?

  func run() throws {
    let session = try Session(options)
    let registry = try session.openForReading()
    let folder = folder ?? session.settings.configuration.training.recordings
    let found = try folder.map { try registry.episodes(in: $0) } ?? (episodes: [], rejected: [])
    let archives = try registry.uploadedArchives()
    session.answer([
      "episodes": .array(
        found.episodes.map {
          [
            "id": .string($0.name), "digest": .string($0.digest.description), "steps": .integer($0.steps),
            "bytes": .integer($0.bytes), "archive": .orNull($0.archive?.description),
          ]
        }), "rejected": Document.rejected(found.rejected),
      "archives": .array(archives.map(Document.archive)), "next": .null,
    ]) { text(found.episodes, found.rejected, archives) }
  }

  private func text(
    _ episodes: [EpisodeSummary], _ rejected: [RejectedEpisode], _ archives: [UploadedArchive]
  ) -> String {
    if options.quiet { return episodes.map(\.name).joined(separator: "\n") }
    var parts: [String] = []
    if !episodes.isEmpty {
      var table = Table([("EPISODE", .left), ("STEPS", .right), ("SIZE", .right), ("SENT", .left)])
      for episode in episodes {
        table.add([
          episode.name, "\(episode.steps)", ByteCount(bytes: episode.bytes).description,
          episode.archive.map { "in \($0.short)" } ?? "no",
        ])
      }
      parts.append(table.text())
    }
    parts += rejected.map { "left out: \($0.name): \($0.reason)" }
    if !archives.isEmpty {
      var table = Table([("ARCHIVE", .left), ("EPISODES", .right), ("SIZE", .right), ("SENT AT", .left)])
      for archive in archives {
        table.add([
          archive.digest.short, "\(archive.episodes)", ByteCount(bytes: archive.bytes).description,
          archive.uploadedAt.description,
        ])
      }
      parts.append(table.text())
    }
    return parts.isEmpty ? "no episodes" : parts.joined(separator: "\n")
  }
}

struct EpisodesUpload: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "upload", abstract: "Pack the episodes that were never sent, and send them.",
    discussion: """
      Everything that belongs to an episode goes into one archive, with a manifest beside it. What can't be read is \
      left out and named. An upload that was interrupted goes on with the next one.
      """)

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The folder; training.recordings of the configuration if left out.") var folder: String?
  @Flag(help: "Send all of them, also what is in an archive already.") var again = false
  @Flag(help: "Pack only, without a network; the next upload sends the archive.") var later = false

  func run() throws {
    let training = try TrainingSession(options)
    let bar = ProgressBar("upload", options)
    defer { bar?.finish() }
    let result =
      try later
      ? training.service.packEpisodes(from: folder, again: again)
      : training.service.uploadEpisodes(from: folder, again: again, progress: bar?.show)
    training.session.answer(
      Document.uploaded(result), warnings: result.problems
    ) {
      if options.quiet { return result.archives.map(\.digest.description).joined(separator: "\n") }
      var lines = result.archives.map {
        "sent \(Sentence.count($0.episodes, "episode")) as \($0.uri), \(ByteCount(bytes: $0.bytes))"
      }
      if result.packedEpisodes > 0 {
        lines.append("packed \(Sentence.count(result.packedEpisodes, "episode")); the next upload sends them")
      }
      if result.knownEpisodes > 0 {
        lines.append("\(Sentence.count(result.knownEpisodes, "episode")) were sent before")
      }
      lines += result.rejected.map { "left out: \($0.name): \($0.reason)" }
      return lines.isEmpty ? "no episodes" : lines.joined(separator: "\n")
    }
    training.registry.tidy()
    if !result.problems.isEmpty { throw ExitStatus(code: 5) }
  }
}
