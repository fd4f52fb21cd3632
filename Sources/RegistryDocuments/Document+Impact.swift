package import ModelRegistry
package import RegistryModel

/// The JSON of what descends from an archive or an episode.
extension Document {
  package static func impact(_ page: ImpactPage) -> JSONValue {
    [
      "versions": .array(page.versions.map(impacted)), "robots": .array(page.robots.map(impacted)),
      "next": .orNull(page.next?.description),
    ]
  }

  private static func impacted(_ impacted: ImpactedVersion) -> JSONValue {
    .object(
      (version(impacted.version).asObject ?? [:]).merging([
        "via": .string(impacted.depth == 0 ? "archive" : "base"), "depth": .integer(impacted.depth),
      ]) { $1 })
  }

  private static func impacted(_ robot: ImpactedRobot) -> JSONValue {
    [
      "robot": .string(robot.robot),
      "installed": .array(robot.installed.map { .string($0.description) }),
      "active": .array(robot.active.map { .string($0.description) }),
      "reported_at": .string(robot.reportedAt.description),
      "age": .number(Double(robot.ageMilliseconds) / 1000),
    ]
  }
}
