import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Verify: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Read the bytes from the medium and compare them with their digests; exits 5 on damage.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "One version; everything if left out.")
  var reference: String?

  @Flag(help: "Read also tree entries with an inode of their own whose stamp holds.")
  var full = false

  @Flag(help: "Put good bytes in place of bad ones, from a copy here or the remote.")
  var repair = false

  func run() throws {
    let session = try Session(options)
    let registry: Registry
    do {
      registry = try session.open()
    } catch let error as RegistryError where error.code == .permission && !repair {
      registry = try session.openForReading()
    }
    let reference = try reference.map { try Reference(parsing: $0) }
    let bar = ProgressBar("verify", options)
    let result = try registry.verify(reference, full: full, repair: repair, progress: bar?.show)
    bar?.finish()
    session.answer(Document.verified(result), warnings: result.warnings) { text(result) }
    registry.tidy()
    if !result.damaged.isEmpty { throw ExitStatus(code: 5) }
  }

  private func text(_ result: VerifyResult) -> String {
    var lines = [
      "\(Sentence.count(result.checkedBlobs, "blob")), \(ByteCount(bytes: result.checkedBytes)) read"
    ]
    if result.bytesFromCache > 0 {
      lines[0] += ", \(ByteCount(bytes: result.bytesFromCache)) of it from the cache instead of the medium"
    }
    for digest in result.repaired { lines.append("repaired  \(digest)") }
    for damage in result.damaged {
      let versions = damage.versions.map(\.description).joined(separator: ", ")
      lines.append("DAMAGED  \(damage.paths.joined(separator: ", ")): \(damage.problem) (\(versions))")
    }
    lines.append(
      result.damaged.isEmpty
        ? "nothing is damaged"
        : "\(Sentence.count(result.damaged.count, "place")) damaged; `modelctl verify --repair` takes good bytes from "
          + "elsewhere in the store or the remote, publishing the same files brings them back; or roll back")
    return lines.joined(separator: "\n")
  }
}
