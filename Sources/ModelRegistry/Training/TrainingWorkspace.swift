import DurableFiles
package import RegistryModel

/// Where a worker trains one job: `private/training/JOB`, with a lock beside it that dies with the process.
///
/// Scratch: nothing of it is durable, and nothing has to be. What an earlier attempt on this machine left is used again:
/// the part of an archive that came, and the trainer's checkpoint.
package final class TrainingWorkspace: Sendable {
  private static let weekMilliseconds: Int64 = 7 * 24 * 3_600_000

  package let job: JobID
  private let registry: Registry
  let folder: Directory
  private let parent: Directory
  private let lock: FileLock

  /// Nil where another process works on the job here.
  init?(_ job: JobID, _ registry: Registry) throws {
    parent = try registry.store.privateFolder("training")
    guard let lock = try FileLock.tryAcquire("\(job).lock", in: parent, .exclusive) else { return nil }
    self.lock = lock
    if try parent.status(job.text) == nil { try parent.makeDirectory(job.text, mode: 0o700) }
    folder = try parent.directory(job.text)
    self.job = job
    self.registry = registry
  }

  package var path: String { folder.path }
  package var episodesPath: String { "\(path)/episodes" }
  /// What the trainer of one attempt writes: that of another one may still run, where its worker was killed.
  package func outputPath(_ attempt: Int64) -> String { "\(path)/output-\(attempt)" }
  package var checkpointPath: String { "\(path)/checkpoint" }
  package var configPath: String { "\(path)/config.json" }
  package var logPath: String { "\(path)/log.txt" }
  package var storePath: String { "\(path)/store" }
  package var manifestPath: String { "\(path)/archive.json" }

  /// Who worked on it here last: with this lock in hand he is dead.
  package func lastWorker() throws -> String? { try note("worker") }

  package func setWorker(_ id: String) throws { try write("worker", Array(id.utf8)) }

  /// The trainer that was started here last, as its worker noted it.
  package func lastTrainer() throws -> String? { try note("trainer") }

  /// Nil where it was never made; one that can't be read could name somebody who is still at work.
  private func note(_ name: String) throws -> String? {
    do {
      return String(decoding: try folder.readSmallFile(name, limit: 1024), as: UTF8.self)
    } catch  where error.isMissing {
      return nil
    }
  }

  package func setTrainer(_ process: String) throws { try write("trainer", Array(process.utf8)) }
  package func setConfig(_ config: JSONValue) throws { try write("config.json", config.canonicalBytes) }

  /// A small file that a trainer wrote; nil where there is none. It may be anything: a pipe, a link, or endless.
  package func output(_ name: String, of attempt: Int64, limit: Int) throws -> [UInt8]? {
    let output = try folder.directory("output-\(attempt)")
    guard let status = try output.status(name) else { return nil }
    guard status.kind == .file, status.size <= Int64(limit) else {
      throw RegistryError(
        .integrity, "the trainer's \(name) is no file of at most \(ByteCount(bytes: Int64(limit)))",
        hint: "correct the trainer")
    }
    return try output.readSmallFile(name, limit: limit)
  }

  package func removeStore() throws { try folder.removeTree("store") }

  /// An empty folder for what the trainer writes, and one that stays between attempts.
  package func prepareFolders(_ attempt: Int64) throws {
    for entry in try folder.entries() where entry.name.hasPrefix("output-") {
      try folder.removeTree(entry.name)
    }
    try folder.makeDirectory("output-\(attempt)", mode: 0o700)
    if try folder.status("checkpoint") == nil { try folder.makeDirectory("checkpoint", mode: 0o700) }
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    let file = try folder.createFile(mode: 0o600)
    try bytes.withUnsafeBytes { try file.write($0) }
    try folder.removeTree(name)
    _ = try file.link(as: name, in: folder)
  }

  /// The log's last lines, of at most 2,000 bytes.
  package func logTail() -> String {
    guard let file = try? folder.openFile("log.txt") else { return "" }
    let length = min(file.size, 2000)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, Int(length)), alignment: 1)
    defer { buffer.deallocate() }
    let count = (try? file.read(at: file.size - length, into: buffer)) ?? 0
    let text = String(decoding: buffer[..<count], as: UTF8.self)
    return text.split(separator: "\n").suffix(12).joined(separator: "\n")
  }

  package func release() { lock.release() }

  /// Ends the work: nobody goes on with it.
  package func remove() {
    try? parent.removeTree(job.text)
    _ = try? parent.remove("\(job).worker")
    _ = try? parent.remove("\(job).lock")
    lock.release()
  }

  /// Removes workspaces that nobody has worked in for a week.
  static func sweep(_ registry: Registry) throws {
    guard let parent = try? registry.store.root.directory("private/training") else { return }
    let limit = registry.clock.now().milliseconds - weekMilliseconds
    for entry in try parent.entries() where entry.kind == .directory {
      guard let job = try? JobID(parsing: entry.name), let status = try parent.status(entry.name),
        status.modifiedNanoseconds / 1_000_000 < limit, let workspace = try TrainingWorkspace(job, registry)
      else { continue }
      workspace.remove()
    }
  }
}

extension Registry {
  /// The workspace of a job; nil where another process works on it here.
  package func trainingWorkspace(_ job: JobID) throws(RegistryError) -> TrainingWorkspace? {
    try reporting("open the workspace of \(job)") { try TrainingWorkspace(job, self) }
  }

  /// Whether a process on this machine works on the job now.
  package func isWorkedOn(_ job: JobID) throws(RegistryError) -> Bool {
    try reporting("look at the workspace of \(job)") {
      guard let parent = try? store.root.directory("private/training"),
        try parent.status("\(job).lock") != nil
      else { return false }
      guard let lock = try FileLock.tryAcquire("\(job).lock", in: parent, .exclusive) else { return true }
      lock.release()
      return false
    }
  }

  /// Where a worker that is started for a job prints; its folder is made.
  package func workerLog(_ job: JobID) throws(RegistryError) -> String {
    try reporting("open the workers' folder") { "\(try store.privateFolder("training").path)/\(job).worker" }
  }

  /// The log of a job that is or was worked on here; nil where there is none.
  package func trainingLog(_ job: JobID) -> String? {
    let path = "\(root)/private/training/\(job)/log.txt"
    return (try? Directory.open("\(root)/private/training/\(job)").status("log.txt")) != nil ? path : nil
  }
}
