public import RegistryModel

/// A custom job as Vertex AI has it.
public struct CustomJob: Hashable, Sendable {
  public let name: CustomJobName
  public let displayName: String
  public let state: CustomJobState
  public let labels: [String: String]
  public let createdAt: Timestamp?
  public let startedAt: Timestamp?
  public let endedAt: Timestamp?
  /// Why it failed, in Google's words on one line.
  public let error: String?

  /// Nil where the JSON describes no custom job. What isn't needed to go on may be missing.
  package init?(_ json: JSONValue) {
    guard let text = json["name"]?.asString, let name = try? CustomJobName(parsing: text) else { return nil }
    self.name = name
    displayName = json["displayName"]?.asString ?? ""
    state = CustomJobState(json["state"]?.asString)
    labels = (json["labels"]?.asObject ?? [:]).compactMapValues(\.asString)
    func time(_ key: String) -> Timestamp? { json[key]?.asString.flatMap { try? Timestamp(parsing: $0) } }
    createdAt = time("createTime")
    startedAt = time("startTime")
    endedAt = time("endTime")
    error = json["error"]?["message"]?.asString.map(Redaction.clean)
  }

  /// Where people see it.
  public var consoleURL: String {
    "https://console.cloud.google.com/vertex-ai/locations/\(name.region)/training/\(name.number)"
      + "?project=\(name.project)"
  }
}
