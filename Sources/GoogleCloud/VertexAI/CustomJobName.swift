public import RegistryModel

/// What Vertex AI calls a custom job: `projects/PROJECT/locations/REGION/customJobs/NUMBER`.
public struct CustomJobName: Hashable, Sendable {
  public let text: String
  /// Its ID or its number: the service answers with the number.
  public let project: ProjectID
  public let region: VertexRegion
  public let number: String

  /// - Throws: `usage` for everything else: a name comes out of a job's document, and becomes a part of an address.
  public init(parsing text: String) throws(RegistryError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 6, parts[0] == "projects", parts[2] == "locations", parts[4] == "customJobs",
      1...32 ~= parts[5].utf8.count, parts[5].utf8.allSatisfy(\.isASCIIDigit),
      let project = try? ProjectID(parsing: parts[1]), let region = try? VertexRegion(parsing: parts[3])
    else {
      throw RegistryError(
        .usage, "\(text.quoted) names no custom job of Vertex AI",
        hint: "they are called like projects/PROJECT/locations/REGION/customJobs/NUMBER")
    }
    self.text = text
    self.project = project
    self.region = region
    number = parts[5]
  }
}

extension CustomJobName: CustomStringConvertible {
  public var description: String { text }
}
