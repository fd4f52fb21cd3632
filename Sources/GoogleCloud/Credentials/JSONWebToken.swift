package import RegistryModel

/// Claims signed with RS256 (RFC 7515, RFC 7519).
package enum JSONWebToken {
  /// Signs claims.
  ///
  /// - Parameter keyID: which of the account's keys this is.
  package static func sign(
    _ claims: JSONValue, _ key: SigningKey, keyID: String?
  ) throws(RegistryError) -> String {
    var header: [String: JSONValue] = ["alg": "RS256", "typ": "JWT"]
    if let keyID { header["kid"] = .string(keyID) }
    let parts = [JSONValue.object(header), claims].map { Base64.encodeForAddress($0.canonicalBytes) }
    let text = parts.joined(separator: ".")
    let signature = try key.sign(Array(text.utf8))
    return "\(text).\(Base64.encodeForAddress(signature))"
  }
}
