import DurableFiles
import RegistryModel

/// Reads a folder of recordings in both of their layouts: `ID.json`, and `ID/` with `metadata.json` or `episode.json`,
/// `steps/*.jsonl` and whatever else belongs to it.
///
/// All bytes of an episode are read: what is half written, or is another than its name says, is left out with the reason,
/// and the others aren't. Nothing is changed, and memory doesn't grow with what is recorded.
struct EpisodeReader {
  private static let jsonEnding = ".json"

  let folder: Directory

  init(_ path: String) throws {
    do {
      folder = try Directory.open(path)
    } catch {
      throw RegistryError(
        error.isPermission ? .permission : .notFound,
        "the folder of episodes \(path.quoted) can't be opened: \(error)",
        hint: "name the folder that the robot records into")
    }
  }

  func scan(_ meter: ProgressMeter = .unwatched) throws -> EpisodeScan {
    var names: [(name: String, isFolder: Bool)] = []
    var rejected: [RejectedEpisode] = []
    for entry in try folder.entries() where !entry.name.hasPrefix(".") {
      switch entry.kind {
      case .directory where entry.isUTF8: names.append((entry.name, true))
      case .file where entry.isUTF8 && entry.name.hasSuffix(Self.jsonEnding):
        names.append((String(entry.name.dropLast(Self.jsonEnding.utf8.count)), false))
      default:
        rejected.append(RejectedEpisode(name: entry.name, reason: "it is neither a folder nor a .json file"))
      }
    }
    let outcomes = try concurrentMap(names, run: 1) { name, isFolder -> Result<Episode, RegistryError> in
      do throws(RegistryError) {
        return .success(try reporting("read the episode \(name)") { try read(name, isFolder, meter) })
      } catch {
        // What is wrong with the machine is wrong with all of them.
        guard ![.noSpace, .permission, .cancelled].contains(error.code) else { throw error }
        return .failure(error)
      }
    }
    var episodes: [EpisodeName: Episode] = [:]
    for (outcome, name) in zip(outcomes, names) {
      switch outcome {
      case .success(let episode):
        if episodes.updateValue(episode, forKey: episode.name) != nil {
          rejected.append(RejectedEpisode(name: name.name, reason: "it is there as a file and as a folder"))
          episodes[episode.name] = nil
        }
      case .failure(let error): rejected.append(RejectedEpisode(name: name.name, reason: error.message))
      }
    }
    return EpisodeScan(
      episodes: episodes.values.sorted { $0.name < $1.name }, rejected: rejected.sorted { $0.name < $1.name })
  }

  private func read(_ name: String, _ isFolder: Bool, _ meter: ProgressMeter) throws -> Episode {
    let id = try EpisodeName(parsing: name)
    guard isFolder else {
      let source = SourceFile(
        path: try RelativePath(parsing: name + Self.jsonEnding), folder: folder, name: name + Self.jsonEnding,
        bytes: 0)
      let read = try read(source, within: "", meter)
      guard read.steps > 0 else { throw Self.incomplete("it has no steps") }
      guard read.hasMetadata else { throw Self.incomplete("it has no metadata") }
      return Episode(
        name: id, digest: read.digest, steps: read.steps, bytes: read.status.size,
        files: [Episode.File(path: source.path, source: source, status: read.status)])
    }
    return try readFolder(id, meter)
  }

  private func readFolder(_ id: EpisodeName, _ meter: ProgressMeter) throws -> Episode {
    var files: [Episode.File] = []
    var (steps, bytes, hasMetadata) = (Int64(0), Int64(0), false)
    let list = try SHA256()
    for found in try SourceScan.files(at: ["\(folder.path)/\(id.text)"]) {
      let path = try RelativePath(parsing: "\(id.text)/\(found.path.text)")
      let read = try read(found, within: found.path.text, meter)
      steps += read.steps
      bytes += read.status.size
      hasMetadata = hasMetadata || ["metadata.json", "episode.json"].contains(found.path.text)
      let line = Array("\(read.digest.hex)  \(found.path.text)\n".utf8)
      try line.withUnsafeBytes { try list.update($0) }
      files.append(
        // By way of the one folder that stays open, however many episodes there are.
        Episode.File(
          path: path, source: SourceFile(path: path, folder: folder, name: path.text, bytes: found.bytes),
          status: read.status))
    }
    guard hasMetadata else { throw Self.incomplete("it has neither metadata.json nor episode.json") }
    guard steps > 0 else { throw Self.incomplete("it has no steps") }
    return Episode(name: id, digest: try list.finish(), steps: steps, bytes: bytes, files: files)
  }

  private struct Read {
    let status: FileStatus
    let digest: Digest
    let steps: Int64
    let hasMetadata: Bool
  }

  /// Reads one file to its end, hashing and checking it.
  private func read(_ source: SourceFile, within path: String, _ meter: ProgressMeter) throws -> Read {
    let file = try source.folder.openFile(source.name)
    let before = try file.status()
    var check = EpisodeFile(path: path)
    let hash = try SHA256()
    let buffer = ReadableFile.alignedBuffer(byteCount: 256 << 10)
    defer { buffer.deallocate() }
    var total: Int64 = 0
    do throws(RegistryError) {
      try reporting("read \(path)") {
        while true {
          let count = try file.read(into: buffer)
          if count == 0 { break }
          let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
          try check.feed(piece)
          try hash.update(piece)
          total += Int64(count)
          try meter.add(Int64(count))
        }
      }
      let found = try check.finish(bytes: total)
      guard try reporting("read \(path)", { try file.status() }) == before, before.size == total else {
        throw Self.incomplete("it is being written")
      }
      return Read(
        status: before, digest: try reporting("hash", { try hash.finish() }), steps: found.steps,
        hasMetadata: found.hasMetadata)
    } catch {
      throw path.isEmpty ? error : RegistryError(error.code, "\(path): \(error.message)", hint: error.hint)
    }
  }

  private static func incomplete(_ what: String) -> RegistryError {
    RegistryError(.integrity, what, hint: "record it again, or correct it")
  }
}
