import ArgumentParser
import ModelRegistry
import RegistryModel

struct Status: StoreCommand {
  static let configuration = CommandConfiguration(
    abstract: "What runs, the trial, the disk, and what is wrong.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    let session = try Session(options)
    let status = try session.openForReading(acceptsLostIndex: true).status()
    session.answer(document(status)) { text(status) }
  }

  private func document(_ status: StoreStatus) -> JSONValue {
    [
      "root": .string(status.root), "active": status.active.map(Active.document) ?? .null,
      "attempts_left": Document.integer(status.attemptsLeft), "fallback": Document.integer(status.fallback),
      "versions": Document.integer(status.versions), "installed": Document.integer(status.installed),
      "blobs": Document.integer(status.blobs), "blob_bytes": Document.integer(status.blobBytes),
      "free_bytes": .integer(status.freeBytes), "reserve": .bool(status.reserveArmed),
      "pins": .array(status.pins.map { .string($0.description) }),
      "blocked_digests": .integer(status.blockedDigests), "remote": .null,
      "problems": .array(status.problems.map(JSONValue.string)),
    ]
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
    lines.append(
      ("problems", status.problems.isEmpty ? "none" : status.problems.joined(separator: "\n          ")))
    return lines.map { $0.0.padding(to: 10) + $0.1 }.joined(separator: "\n")
  }
}

extension String {
  func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
