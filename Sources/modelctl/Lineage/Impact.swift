import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Impact: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "impact",
    abstract: "Every version that descends from an archive or an episode, and where it is.")

  @OptionGroup var options: GlobalOptions
  @OptionGroup var page: PageOptions
  @Argument(help: "An archive's digest, an episode's name or digest.") var subject: String

  func run() throws {
    let session = try Session(options)
    let result = try session.openForReading().impact(
      of: subject, after: try page.after.map { try VersionID(parsing: $0) }, limit: try page.checkedLimit())
    session.answer(Document.impact(result)) { text(result) }
  }

  private func text(_ result: ImpactPage) -> String {
    if options.quiet { return result.versions.map(\.version.version.description).joined(separator: "\n") }
    guard !result.versions.isEmpty else { return "no version descends from it" }
    var table = Table([
      ("VERSION", .left), ("VIA", .left), ("STATE", .left), ("CREATED", .left), ("DIGEST", .left),
    ])
    for impacted in result.versions {
      let via = impacted.depth == 0 ? "archive" : Sentence.count(impacted.depth, "base")
      table.add([
        impacted.version.version.description, via, List.state(impacted.version),
        impacted.version.createdAt.description, impacted.version.digest.short,
      ])
    }
    var lines = [table.text()]
    for robot in result.robots {
      let active =
        robot.active.isEmpty
        ? "none active" : "active: \(robot.active.map(\.description).joined(separator: ", "))"
      lines.append(
        "\(robot.robot): \(robot.installed.count) installed, \(active), reported \(robot.reportedAt)")
    }
    if let next = result.next { lines.append("more: --after \(next)") }
    return lines.joined(separator: "\n")
  }
}
