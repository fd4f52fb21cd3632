extension Operation {
  /// Refuses a parameter that the method doesn't have: a misspelt precondition would otherwise be no precondition.
  func checkParameters(_ query: Query) throws(APIError) {
    let known = Self.common.union(parameters)
    for parameter in query.parameters where !known.contains(parameter.name) {
      throw APIError(
        status: 400, reason: "invalidParameter", message: "Unknown parameter: \(parameter.name)",
        location: ["parameter", parameter.name])
    }
  }

  private var parameters: Set<String> {
    switch self {
    case .listBuckets: ["project", "prefix", "maxResults", "pageToken"]
    case .insertBucket:
      [
        "project", "predefinedAcl", "predefinedDefaultObjectAcl", "enableObjectRetention",
      ]
    case .getBucket, .deleteBucket, .bucketLayout:
      ["ifMetagenerationMatch", "ifMetagenerationNotMatch", "prefix"]
    case .listNotifications, .insertNotification, .getNotification, .deleteNotification: []
    case .list:
      [
        "prefix", "delimiter", "maxResults", "pageToken", "startOffset", "endOffset", "versions",
        "softDeleted",
        "includeTrailingDelimiter", "includeFoldersAsPrefixes", "matchGlob",
      ]
    case .get, .media, .delete: Self.conditions("if").union(["generation", "softDeleted"])
    case .patch, .update:
      Self.conditions("if").union(["generation", "predefinedAcl", "overrideUnlockedRetention"])
    case .insertMedia, .insertMultipart, .startSession, .putSession, .deleteSession:
      Self.conditions("if").union([
        "name", "uploadType", "upload_id", "contentEncoding", "predefinedAcl", "kmsKeyName",
      ])
    case .compose: Self.conditions("if").union(["destinationPredefinedAcl", "kmsKeyName"])
    case .copy, .rewrite, .move:
      Self.conditions("if").union(Self.conditions("ifSource")).union([
        "sourceGeneration", "rewriteToken", "maxBytesRewrittenPerCall", "destinationPredefinedAcl",
        "destinationKmsKeyName",
      ])
    }
  }

  private static let common: Set<String> = [
    "alt", "fields", "key", "prettyPrint", "projection", "quotaUser", "userIp", "userProject",
  ]

  private static func conditions(_ prefix: String) -> Set<String> {
    [
      "\(prefix)GenerationMatch", "\(prefix)GenerationNotMatch", "\(prefix)MetagenerationMatch",
      "\(prefix)MetagenerationNotMatch",
    ]
  }
}
