import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Status: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "What runs, the trial, the disk, and what is wrong.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    let session = try Session(options)
    let status = try session.openForReading(acceptsLostIndex: true).status()
    session.answer(Document.status(status)) { text(status) }
  }

  private func text(_ status: StoreStatus) -> String {
    var lines = [("store", status.root)]
    if let active = status.active {
      lines.append(("active", "generation \(active.generation): \(Sentence.set(active.set))"))
      let left = status.attemptsLeft.map { ", \(Sentence.count($0, "boot")) left" } ?? ""
      lines.append(("state", "\(active.state.rawValue)\(left), since \(active.since)"))
    } else {
      lines.append(("active", "nothing"))
    }
    lines.append(("rollback", status.fallback.map { "to generation \($0)" } ?? "nowhere to go"))
    if let versions = status.versions, let installed = status.installed {
      lines.append(("versions", "\(versions), \(installed) installed, \(status.pins.count) pinned"))
    } else {
      lines.append(("versions", "unknown without the index"))
    }
    var disk = "\(ByteCount(bytes: status.freeBytes)) free"
    if let blobs = status.blobs, let bytes = status.blobBytes {
      disk = "\(Sentence.count(blobs, "blob")), \(ByteCount(bytes: bytes)); \(disk)"
    }
    lines.append(("disk", disk))
    if let remote = status.remote {
      let waiting =
        remote.waiting.isEmpty
        ? "" : ", \(Sentence.count(remote.waiting.count, "version")) waiting to be sent"
      lines.append(
        ("remote", "\(remote.uri), synced \(remote.syncedAt.map { "\($0)" } ?? "never")\(waiting)"))
    }
    if let scrub = status.scrub { lines.append(("scrub", Scrub.sentence(scrub))) }
    lines.append(
      ("problems", status.problems.isEmpty ? "none" : status.problems.joined(separator: "\n          ")))
    return lines.map { $0.0.padding(to: 10) + $0.1 }.joined(separator: "\n")
  }
}

extension String {
  func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
