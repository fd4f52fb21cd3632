import DurableFiles
public import RegistryModel

extension Registry {
  /// The episodes that lie in a folder, whether each is on the remote, and what can't be used, with its reason.
  public func episodes(
    in path: String, progress: ProgressHandler? = nil
  ) throws(RegistryError) -> (episodes: [EpisodeSummary], rejected: [RejectedEpisode]) {
    try reporting("read the episodes in \(path)") {
      let scan = try EpisodeReader(path).scan(ProgressMeter(progress))
      let index = try index()
      let episodes = try scan.episodes.map { episode in
        EpisodeSummary(
          name: episode.name.text, digest: episode.digest, steps: episode.steps, bytes: episode.bytes,
          archive: try index.read { try $0.upload(of: episode.digest) })
      }
      return (episodes, scan.rejected)
    }
  }

  /// Packs the episodes of a folder that were never sent into one archive, and sends it with its manifest beside it.
  ///
  /// When this returns both are on the remote and known here. An interrupted upload is gone on with by the next one, before
  /// anything else. What can't be read is left out and named in the result; episodes that are in an archive already are
  /// left out unless `again` asks for all of them.
  /// - Throws: `remote` where it can't be reached: what was packed waits for the next upload; `noSpace` before anything is
  ///   written.
  public func uploadEpisodes(
    from path: String, again: Bool = false, progress: ProgressHandler? = nil
  ) throws(RegistryError) -> EpisodeUploadResult {
    try reporting("upload the episodes in \(path)", unchanged: "what was packed waits for the next upload") {
      let place = try dataRemote()
      let outgoing = try OutgoingArchives(store, waitingAtMost: patience)
      defer { outgoing.release() }
      let meter = ProgressMeter(progress)
      let remote = try openRemote(place, meter)
      var upload = EpisodeUpload(
        registry: self, index: try index(), place: place, remote: remote, meter: meter)
      try upload.relearn()
      for pending in try outgoing.pending() {
        do throws(RegistryError) {
          try reporting("send \(pending.name.file)") { try upload.send(pending, outgoing, isChecked: false) }
        } catch {
          // What is wrong with one archive keeps no other from going.
          guard [.refused, .integrity].contains(error.code) else { throw error }
          upload.result.problems.append("\(pending.name.file): \(error.message); \(error.hint)")
        }
      }
      if let packed = try pack(path, again, besides: [], outgoing, &upload.result, meter) {
        try upload.send(packed, outgoing, isChecked: true)
        upload.result.uploadedEpisodes = packed.manifest.episodes.count
      }
      upload.result.traffic = remote.traffic
      return upload.result
    }
  }

  /// Packs them only, which needs no network: the next upload sends the archive. Durable when this returns.
  public func packEpisodes(
    from path: String, again: Bool = false, progress: ProgressHandler? = nil
  ) throws(RegistryError) -> EpisodeUploadResult {
    try reporting("pack the episodes in \(path)") {
      let outgoing = try OutgoingArchives(store, waitingAtMost: patience)
      defer { outgoing.release() }
      let waiting = Set(try outgoing.pending().flatMap { $0.manifest.episodes.map(\.digest) })
      var result = EpisodeUploadResult()
      result.packedEpisodes =
        try pack(path, again, besides: waiting, outgoing, &result, ProgressMeter(progress))?.manifest.episodes
        .count ?? 0
      return result
    }
  }

  /// Packs what was never sent, and doesn't wait to be; nil where that is nothing.
  private func pack(
    _ path: String, _ again: Bool, besides waiting: Set<Digest>, _ outgoing: OutgoingArchives,
    _ result: inout EpisodeUploadResult, _ meter: ProgressMeter
  ) throws -> OutgoingArchives.Outgoing? {
    let index = try index()
    try meter.begin(0)
    let scan = try EpisodeReader(path).scan(meter)
    result.rejected = scan.rejected
    result.validEpisodes = scan.episodes.count
    let new = try scan.episodes.filter { episode in
      if again { return true }
      return try !waiting.contains(episode.digest) && index.read { try $0.upload(of: episode.digest) } == nil
    }
    result.knownEpisodes = scan.episodes.count - new.count
    guard !new.isEmpty else { return nil }
    let packer = EpisodePacker(episodes: new, meter: meter)
    try requireRoom(bytes: packer.archiveBytes, files: 4)
    try meter.begin(packer.bytes)
    // To the second, as the name has it: packed again within one, it is the same document.
    let now = clock.now().milliseconds
    return try outgoing.pack(packer, robot: robot, at: Timestamp(milliseconds: now - now % 1000))
  }

  /// Archives that were sent, the newest first.
  public func uploadedArchives(limit: Int = 100) throws(RegistryError) -> [UploadedArchive] {
    try reporting("list the archives") { try index().read { try $0.uploads(limit: limit) } }
  }

  /// Where episodes go: what the configuration says, else the remote that is set.
  package func dataRemote() throws -> RemoteURI { try configuration.training.data ?? requireRemote() }
}
