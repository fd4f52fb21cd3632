public import RegistryModel

/// The server of a region that speaks Vertex AI's JSON interface.
public struct VertexEndpoint: Sendable {
  /// Names another server, such as a private endpoint: `https://HOST[:PORT]`, or `http` on this machine.
  public static let variable = "MODELCTL_VERTEX_ENDPOINT"

  /// Whether another server than Google's regional one is named.
  public let isOverridden: Bool
  private let base: String

  /// The region's own, or what ``variable`` names.
  ///
  /// - Throws: `usage` where that is no address.
  public init(_ region: VertexRegion, environment: [String: String]) throws(RegistryError) {
    let other = environment[Self.variable] ?? ""
    do { try self.init(region, base: other.isEmpty ? nil : other) } catch {
      throw RegistryError(
        .usage, "\(Self.variable) is no address that a token may be sent to: \(error.message)",
        hint: "write it as https://HOST[:PORT]")
    }
  }

  /// - Parameter base: nil for the region's own.
  /// - Throws: `usage` where it is no address, or one of a server elsewhere without https.
  package init(_ region: VertexRegion, base: String?) throws(RegistryError) {
    isOverridden = base != nil
    let text = base ?? "https://\(region)-aiplatform.googleapis.com"
    self.base = String(text.hasSuffix("/") ? text.dropLast() : text[...])
    let address = try HTTPAddress(parsing: self.base)
    guard address.isPrivate else {
      throw RegistryError(.usage, "\(address) isn't https", hint: "tokens are never sent in the clear")
    }
  }

  func address(_ path: String, _ query: [(String, String)] = []) throws(RegistryError) -> HTTPAddress {
    let fields = query.isEmpty ? "" : "?" + PercentEncoding.encode(fields: query)
    return try HTTPAddress(parsing: "\(base)/v1/\(path)\(fields)")
  }
}
